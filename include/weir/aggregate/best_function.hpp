// best_function: what min and max are made of.
#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/fixed_string.hpp>
#include <weir/core/key.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <utility>

namespace weir::detail {

// Of all f(record) the one that is Better than the others; of equal ones the first. A NaN gives way to every number: else it
// would depend on how a window is cut into slices which of them it hides.
template <fixed_string Name, class Better, class F>
struct best_function {
  static constexpr fixed_string name = Name;
  F f;
  constexpr explicit best_function(F fn) : f(std::move(fn)) {}

  template <class V>
    requires std::totally_ordered<field_of<F, V>>
  constexpr auto zero() const {
    return std::optional<stored_key_t<field_of<F, V>>>{};
  }
  template <class T, class V>
  WEIR_INLINE constexpr void add(std::optional<T>& best, V const& v) const {
    auto&& x = std::invoke(f, v);
    if (!best || is_better(x, *best)) best = x;
  }
  template <class T>
  constexpr void merge(std::optional<T>& best, std::optional<T> const& later) const {
    if (later && (!best || is_better(*later, *best))) best = later;
  }
  template <class T>
  constexpr T result(std::optional<T> const& best) const {
    return *best;  // a window that holds no record gives no result
  }

 private:
  template <class X, class T>
  WEIR_INLINE static constexpr bool is_better(X const& x, T const& best) {
    if constexpr (std::floating_point<T>)
      return Better{}(x, best) || best != best;
    else
      return Better{}(x, best);
  }
};

}  // namespace weir::detail
