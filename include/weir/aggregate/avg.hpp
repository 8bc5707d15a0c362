#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/row.hpp>

namespace weir {
namespace detail {

template <class T>
using mean_parts = row<column<"sum", T>, column<"count", std::int64_t>>;

template <class T>
constexpr double as_double(T const& x) {
  if constexpr (requires { x.to_double(); })
    return x.to_double();
  else
    return static_cast<double>(x);
}

template <class F>
struct avg_function {
  static constexpr fixed_string name = "avg";
  F f;
  constexpr explicit avg_function(F fn) : f(std::move(fn)) {}

  template <class V>
  using sum_of = sum_type<field_of<F, V>>;
  template <class V>
  static constexpr bool invertible = exact_arithmetic<sum_of<V>>;

  template <class V>
    requires averageable<sum_of<V>>
  constexpr auto zero() const {
    return mean_parts<sum_of<V>>{};
  }
  template <class S, class V>
  WEIR_INLINE constexpr void add(mean_parts<S>& m, V const& v) const {
    add_to(m["sum"_c], static_cast<S>(std::invoke(f, v)));
    ++m["count"_c];
  }
  template <class S>
  constexpr void merge(mean_parts<S>& m, mean_parts<S> const& later) const {
    add_to(m["sum"_c], later["sum"_c]);
    m["count"_c] += later["count"_c];
  }
  template <class S>
  constexpr void retract(mean_parts<S>& m, mean_parts<S> const& part) const {
    take_from(m["sum"_c], part["sum"_c]);
    m["count"_c] -= part["count"_c];
  }
  template <class S>
  constexpr double result(mean_parts<S> const& m) const {
    return as_double(m["sum"_c]) / static_cast<double>(m["count"_c]);
  }
};

}  // namespace detail

// An aggregate function that gives the mean of f(record) as double. Column: avg.
template <class F>
constexpr auto avg(F f) {
  return detail::avg_function<F>(std::move(f));
}

}  // namespace weir
