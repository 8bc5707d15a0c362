// best_record: what min_by and max_by are made of.
#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/fixed_string.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <utility>

namespace weir::detail {

// The record whose f(record) is Better than that of the others; of equal ones the first. A NaN gives way to every number.
template <fixed_string Name, class Better, class F>
struct best_record {
  static constexpr fixed_string name = Name;
  F f;
  constexpr explicit best_record(F fn) : f(std::move(fn)) {}

  template <class V>
    requires std::totally_ordered<field_of<F, V>> && std::copyable<V>
  constexpr auto zero() const {
    return std::optional<V>{};
  }
  template <class V>
  WEIR_INLINE constexpr void add(std::optional<V>& best, V const& v) const {
    if (!best || is_better(v, *best)) best = v;
  }
  template <class V>
  constexpr void merge(std::optional<V>& best, std::optional<V> const& later) const {
    if (later) add(best, *later);
  }
  template <class V>
  constexpr V result(std::optional<V> const& best) const {
    return *best;  // a window that holds no record gives no result
  }

 private:
  template <class V>
  WEIR_INLINE constexpr bool is_better(V const& v, V const& best) const {
    auto&& x = std::invoke(f, v);
    auto&& held = std::invoke(f, best);
    if constexpr (std::floating_point<field_of<F, V>>)
      return Better{}(x, held) || (held != held && x == x);
    else
      return Better{}(x, held);
  }
};

}  // namespace weir::detail
