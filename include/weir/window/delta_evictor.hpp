#pragma once

#include <weir/core/call.hpp>
#include <weir/window/evictor.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir {

// An evictor that drops the records that are far from the last one: where f(record, last) >= threshold.
// See also: Flink, DeltaEvictor
template <class Threshold, class F>
struct delta_evictor {
  static constexpr bool after = false;
  Threshold threshold;
  F f;

  constexpr delta_evictor(Threshold t, F fn) : threshold(std::move(t)), f(std::move(fn)) {}

  template <class V>
    requires std::predicate<std::greater_equal<>, std::invoke_result_t<F const&, V const&, V const&>,
                            Threshold const&>
  void evict(window_elements<V>& elements) const {
    if (elements.empty()) return;
    V const& last = elements.value(elements.size() - 1);
    elements.drop_if([&](V const& v, timestamp) { return std::invoke(f, v, last) >= threshold; });
  }
};

}  // namespace weir
