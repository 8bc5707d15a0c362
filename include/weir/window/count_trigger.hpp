#pragma once

#include <weir/error.hpp>
#include <weir/window/trigger.hpp>

#include <cstdint>

namespace weir {

// A trigger that fires with every count-th record of a window, and at no other time: what is left when the window goes gives
// no result. With purging(count_trigger{...}) each record is in one result. Windows that merge add up what they have counted.
// Errors: config_error when count <= 0. See also: Flink, CountTrigger
struct count_trigger {
  std::int64_t count{};

  using state = std::int64_t;

  void check() const {
    if (count <= 0) throw config_error("weir::count_trigger: count is not positive; give a number such as 100");
  }
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C& context) const {
    if (++context.state() < count) return trigger_result::proceed;
    context.state() = 0;
    return trigger_result::fire;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::proceed;
  }
  template <class C>
  constexpr void on_merge(state absorbed, C& context) const {
    context.state() += absorbed;
  }
};

}  // namespace weir
