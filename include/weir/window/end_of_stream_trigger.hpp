#pragma once

#include <weir/window/trigger.hpp>

namespace weir {

// A trigger that fires once, when the input ends. It is for windows without end (global_windows): others are gone by then.
// See also: Flink, GlobalWindows.createWithEndOfStreamTrigger
struct end_of_stream_trigger {
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C& context) const {
    context.set_timer(max_time);
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::fire;
  }
  template <class S, class C>
  constexpr void on_merge(S const&, C& context) const {
    context.set_timer(max_time);
  }
};

}  // namespace weir
