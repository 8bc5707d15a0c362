#pragma once

#include <weir/aggregate/aggregate_function.hpp>

namespace weir {
namespace detail {

template <class F>
struct sum_function {
  static constexpr fixed_string name = "sum";
  F f;
  constexpr explicit sum_function(F fn) : f(std::move(fn)) {}

  template <class V>
  using sum_of = sum_type<field_of<F, V>>;
  template <class V>
  static constexpr bool invertible = exact_arithmetic<sum_of<V>>;

  template <class V>
    requires summable<sum_of<V>>
  constexpr auto zero() const {
    return sum_of<V>{};
  }
  template <class S, class V>
  WEIR_INLINE constexpr void add(S& s, V const& v) const {
    add_to(s, static_cast<S>(std::invoke(f, v)));
  }
  template <class S>
  constexpr void merge(S& s, S const& later) const {
    add_to(s, later);
  }
  template <class S>
  constexpr void retract(S& s, S const& part) const {
    take_from(s, part);
  }
  template <class S>
  constexpr S result(S const& s) const {
    return s;
  }
};

}  // namespace detail

// An aggregate function that adds up f(record): integers in 64 bits (modulo 2^64), floating point in double (the result
// then depends on the order of the records), decimal exactly. Column: sum.
template <class F>
constexpr auto sum(F f) {
  return detail::sum_function<F>(std::move(f));
}

}  // namespace weir
