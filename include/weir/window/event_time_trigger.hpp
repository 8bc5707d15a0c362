#pragma once

#include <weir/window/trigger.hpp>

namespace weir {

// The trigger that windows have unless told otherwise: fires when the watermark reaches the window's last instant, and at
// once for each record that comes after that. See also: Flink, EventTimeTrigger
struct event_time_trigger {
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C& context) const {
    timestamp const last = context.window().last();
    if (last <= context.watermark()) return trigger_result::fire;
    context.set_timer(last);
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    return at == context.window().last() ? trigger_result::fire : trigger_result::proceed;
  }
  // A window whose end has passed fires for the record that joins it, and not a second time.
  template <class S, class C>
  constexpr void on_merge(S const&, C& context) const {
    timestamp const last = context.window().last();
    if (last > context.watermark()) context.set_timer(last);
  }
};

}  // namespace weir
