#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/functor.hpp>

namespace weir {
namespace detail {

template <class T>
struct mean_parts {
  T sum{};
  std::int64_t count = 0;
  bool operator==(mean_parts const&) const = default;
};

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
  functor<F> f;
  constexpr explicit avg_function(F const& fn) : f(fn) {}

  template <class V>
  using sum_of = sum_type<field_of<F, V>>;
  template <class V>
  static constexpr bool invertible = exact_arithmetic<sum_of<V>>;

  template <class V>
    requires requires { typename sum_of<V>; }
  constexpr auto zero() const {
    return mean_parts<sum_of<V>>{};
  }
  template <class S, class V>
  WEIR_INLINE constexpr void add(mean_parts<S>& m, V const& v) const {
    m.sum += static_cast<S>(f(v));
    ++m.count;
  }
  template <class S>
  constexpr void merge(mean_parts<S>& m, mean_parts<S> const& later) const {
    m.sum += later.sum;
    m.count += later.count;
  }
  template <class S>
  constexpr void retract(mean_parts<S>& m, mean_parts<S> const& part) const {
    m.sum -= part.sum;
    m.count -= part.count;
  }
  template <class S>
  constexpr double result(mean_parts<S> const& m) const {
    return as_double(m.sum) / static_cast<double>(m.count);
  }
};

}  // namespace detail

// An aggregate function that gives the mean of f(record) as double. Column: avg.
template <class F>
constexpr auto avg(F f) {
  return detail::avg_function<F>(f);
}

}  // namespace weir
