#pragma once

#include <weir/window/trigger.hpp>

namespace weir {

// A trigger that never fires. See also: Flink, NeverTrigger
struct never_trigger {
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C&) const {
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::proceed;
  }
  template <class S, class C>
  constexpr void on_merge(S const&, C&) const {}
};

}  // namespace weir
