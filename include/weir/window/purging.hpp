#pragma once

#include <weir/window/half_context.hpp>

#include <type_traits>
#include <utility>

namespace weir {

// A trigger that makes windows forget what they have shown: purging(t) fires when t does, and then purges.
// See also: Flink, PurgingTrigger
template <detail::trigger_like Trigger>
struct purging {
  Trigger trigger;

  using state = trigger_state_t<Trigger>;

  constexpr explicit purging(Trigger t) : trigger(std::move(t)) {}

  void check() const {
    if constexpr (requires { trigger.check(); }) trigger.check();
  }
  template <class V, class C>
    requires weir::trigger<Trigger, V>
  constexpr trigger_result on_element(V const& record, C& context) const {
    return forgetting(trigger.on_element(record, context));
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    return forgetting(trigger.on_event_time(at, context));
  }
  template <class C>
    requires detail::has_on_processing_time<Trigger>
  constexpr trigger_result on_processing_time(timestamp at, C& context) const {
    return forgetting(trigger.on_processing_time(at, context));
  }
  template <class C>
    requires merging_trigger<Trigger>
  constexpr void on_merge(state const& absorbed, C& context) const {
    trigger.on_merge(absorbed, context);
  }
  // Inside of timeout_trigger, when that has fired.
  template <class C>
  constexpr void clear(C& context) const {
    detail::clear_trigger(trigger, context);
  }

 private:
  static constexpr trigger_result forgetting(trigger_result r) {
    return r == trigger_result::fire ? trigger_result::fire_and_purge : r;
  }
};

}  // namespace weir
