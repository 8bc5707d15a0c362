// expect: weir::aggregating_state<In, A, name>: A is no aggregate function for In; it needs zero, add, merge and result
#include <weir/weir.hpp>

#include "payments.hpp"

#include <tuple>

struct maximum {
  std::int64_t zero() const { return 0; }
  void add(std::int64_t& most, std::int64_t amount) const { most = amount > most ? amount : most; }
#ifndef WEIR_BAD
  void merge(std::int64_t& most, std::int64_t later) const { add(most, later); }
#endif
  std::int64_t result(std::int64_t most) const { return most; }
};

struct largest {
  using output = std::int64_t;
  weir::aggregating_state<std::int64_t, maximum, "maximum"> most;
  auto states() { return std::tie(most); }
  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit const& emit) {
    most.add(p.amount);
    emit(*most.get());
  }
};

int main() { weir::run(keyed | weir::process<"largest">(largest{}) | weir::into(count)); }
