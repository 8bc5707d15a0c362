#pragma once

#include <weir/window/trigger.hpp>

namespace weir {

// A trigger that fires when the clock reaches the window's last instant, whatever the watermark says.
// See also: Flink, ProcessingTimeTrigger
struct processing_time_trigger {
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C& context) const {
    context.set_processing_timer(context.window().last());
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_processing_time(timestamp, C&) const {
    return trigger_result::fire;
  }
  template <class S, class C>
  constexpr void on_merge(S const&, C& context) const {
    context.set_processing_timer(context.window().last());
  }
};

}  // namespace weir
