// What twins of operators with two inputs share: two streams of one key, and a function for them. As payments.hpp it comes
// behind weir.hpp.
#pragma once

#include "payments.hpp"

#include <string>
#include <tuple>

struct order {
  std::int64_t user;
  std::string text;
  weir::timestamp at;
};
inline std::vector<order> const orders;
inline auto const orders_in_time =
    weir::from(orders) | weir::assign_timestamps(&order::at, weir::monotonous_timestamps{});
inline auto const keyed_orders = orders_in_time | weir::key_by(&order::user);

struct pairs {
  using output = std::int64_t;
  weir::value_state<std::int64_t, "sum"> sum;
  auto states() { return std::tie(sum); }

  template <class Context, class Emit>
  void on_first(payment const& p, Context&, Emit const&) {
    sum.get() += p.amount;
  }
  template <class Context, class Emit>
  void on_second(order const&, Context&, Emit const& emit) {
    emit(*sum);
  }
};
