#pragma once

#include <weir/core/call.hpp>
#include <weir/window/trigger.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class V, class Threshold, class F>
struct delta_trigger_of {
  using state = std::optional<V>;  // the record that it fired with last; at first the first
  Threshold threshold;
  F f;

  constexpr delta_trigger_of(Threshold t, F fn) : threshold(std::move(t)), f(std::move(fn)) {}

  template <std::same_as<V> T, class C>
    requires std::predicate<std::greater<>, std::invoke_result_t<F const&, T const&, T const&>,
                            Threshold const&>
  constexpr trigger_result on_element(T const& record, C& context) const {
    state& last = context.state();
    if (last && !(std::invoke(f, std::as_const(*last), record) > threshold)) return trigger_result::proceed;
    bool const fires = last.has_value();
    last = record;
    return fires ? trigger_result::fire : trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::proceed;
  }
};

}  // namespace detail

// A trigger that fires when a record is far from the one that it fired with last (at first: from the window's first):
// delta_trigger<V>(threshold, f) fires when f(last, record) > threshold, and at no other time. V, the type of the records, is
// kept for each window. Not for windows that merge. See also: Flink, DeltaTrigger
template <class V, class Threshold, class F>
constexpr auto delta_trigger(Threshold threshold, F f) {
  return detail::delta_trigger_of<V, Threshold, F>(std::move(threshold), std::move(f));
}

}  // namespace weir
