// What aggregate(...) asks of a function, and as<"name">.
//
// An aggregate function is a pure policy for records of type V with
//   zero() or zero<V>()         the accumulator of no records, a value type
//   add(acc, record)            takes a record in
//   merge(acc, later)           takes another accumulator in, whose records came later
//   result(acc)                 what a window gives
// and if it likes
//   name                        a fixed_string: the column of its result; as<"name"> gives another
//   invertible<V>, retract(acc, part)   true when retract undoes merge exactly: sliding windows then subtract
// Laws (tests/laws/aggregate_function.hpp): merge is associative with zero as its neutral element, adding records one by
// one and merging parts give the same, retract undoes merge.
#pragma once

#include <weir/core/fixed_string.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class V, class A>
  requires requires(A const& a) { a.template zero<V>(); }
constexpr auto zero_of(A const& a) {
  return a.template zero<V>();
}
template <class V, class A>
  requires requires(A const& a) { a.zero(); }
constexpr auto zero_of(A const& a) {
  return a.zero();
}

template <class A>
inline constexpr auto name_of = [] {
  if constexpr (requires { A::name; })
    return A::name;
  else
    return fixed_string("value");
}();

template <class A, class V>
inline constexpr bool invertible_for = [] {
  if constexpr (requires { A::template invertible<V>; })
    return A::template invertible<V>;
  else
    return false;
}();

}  // namespace detail

template <class A, class V>
using accumulator_t = decltype(detail::zero_of<V>(std::declval<A const&>()));

template <class A, class V>
concept aggregate_function = requires(A const& a) {
  detail::zero_of<V>(a);
} && requires(A const& a, accumulator_t<A, V>& acc, accumulator_t<A, V> const& other, V const& v) {
  a.add(acc, v);
  a.merge(acc, other);
  a.result(other);
};

template <class A, class V>
using aggregate_result_t =
    std::remove_cvref_t<decltype(std::declval<A const&>().result(std::declval<accumulator_t<A, V> const&>()))>;

// sum(&payment::amount) | as<"total">: the result's column is called total.
template <fixed_string Name>
struct as_tag {};
template <fixed_string Name>
inline constexpr as_tag<Name> as{};

namespace detail {

template <class A, fixed_string Name>
struct renamed : A {
  static constexpr auto name = Name;
  constexpr explicit renamed(A a) : A(std::move(a)) {}
};

// What a sum of Ts is kept in: integers in 64 bits, floats in double, other arithmetic (decimal) as it is.
template <class T>
using sum_type = std::conditional_t<
    std::is_floating_point_v<T>, double,
    std::conditional_t<std::is_integral_v<T>,
                       std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>, T>>;

// Integers wrap: what sliding windows have added they can take away again, whatever lies between.
template <class S>
WEIR_INLINE constexpr void add_to(S& sum, S const& x) {
  if constexpr (std::is_integral_v<S>)
    sum = static_cast<S>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(x));
  else
    sum += x;
}
template <class S>
WEIR_INLINE constexpr void take_from(S& sum, S const& x) {
  if constexpr (std::is_integral_v<S>)
    sum = static_cast<S>(static_cast<std::uint64_t>(sum) - static_cast<std::uint64_t>(x));
  else
    sum -= x;
}

// What can be added up: numbers, lengths of time; not text.
template <class T>
concept summable = std::is_arithmetic_v<T> || requires(T& a, T const& b) {
  a += b;
  a -= b;
};
template <class T>
concept averageable = summable<T> && (
                                         requires(T const& x) { static_cast<double>(x); } ||
                                         requires(T const& x) { x.to_double(); });

// Adding and taking away again is exact: for all but floating point.
template <class T>
inline constexpr bool exact_arithmetic = !std::is_floating_point_v<T>;

template <class F, class V>
using field_of = std::remove_cvref_t<std::invoke_result_t<F const&, V const&>>;

}  // namespace detail

template <class A, fixed_string Name>
constexpr auto operator|(A a, as_tag<Name>) {
  return detail::renamed<A, Name>(std::move(a));
}

}  // namespace weir
