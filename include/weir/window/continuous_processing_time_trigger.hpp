#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>
#include <weir/window/trigger.hpp>

#include <optional>

namespace weir {

// A trigger that shows what a window holds so far: it fires each time that the clock reaches a multiple of `every` (since 1970),
// from the window's first record until it is gone. With either_trigger(event_time_trigger{}, ...) also at its end.
// Errors: config_error when every <= 0. See also: Flink, ContinuousProcessingTimeTrigger
struct continuous_processing_time_trigger {
  duration every{};

  using state = std::optional<timestamp>;  // the next multiple; none before the first record

  void check() const {
    if (every <= duration::zero())
      throw config_error(
          "weir::continuous_processing_time_trigger: every is not positive; give a length of time such as 10s");
  }
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C& context) const {
    if (!context.state()) set(context, next_on_grid(context.processing_time(), every));
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::proceed;
  }
  // What the clock has jumped over is one.
  template <class C>
  constexpr trigger_result on_processing_time(timestamp at, C& context) const {
    if (context.state() != at) return trigger_result::proceed;
    set(context, next_on_grid(later(at, context.processing_time()), every));
    return trigger_result::fire;
  }
  template <class C>
  constexpr void on_merge(state const& absorbed, C& context) const {
    if (!absorbed || (context.state() && *context.state() <= *absorbed)) return;
    if (context.state()) context.delete_processing_timer(*context.state());
    set(context, *absorbed);
  }

 private:
  template <class C>
  constexpr void set(C& context, timestamp when) const {
    context.state() = when;
    context.set_processing_timer(when);
  }
};

}  // namespace weir
