#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/key.hpp>

#include <optional>

namespace weir {
namespace detail {

template <class F>
struct max_function {
  static constexpr fixed_string name = "max";
  F f;
  constexpr explicit max_function(F fn) : f(std::move(fn)) {}

  template <class V>
    requires std::totally_ordered<field_of<F, V>>
  constexpr auto zero() const {
    return std::optional<stored_key_t<field_of<F, V>>>{};
  }
  template <class T, class V>
  WEIR_INLINE constexpr void add(std::optional<T>& best, V const& v) const {
    auto&& x = std::invoke(f, v);
    if (!best || x > *best) best = x;
  }
  template <class T>
  constexpr void merge(std::optional<T>& best, std::optional<T> const& later) const {
    if (later && (!best || *later > *best)) best = later;
  }
  template <class T>
  constexpr T result(std::optional<T> const& best) const {
    return *best;  // a window that holds no record gives no result
  }
};

}  // namespace detail

// An aggregate function that gives the largest f(record); of equal ones the first. Column: max.
template <class F>
constexpr auto max(F f) {
  return detail::max_function<F>(std::move(f));
}

}  // namespace weir
