#pragma once

#include <weir/window/half_context.hpp>

#include <utility>

namespace weir {

// A trigger that fires when one of two does, and purges when one of them says so. Each has its own state and timers, as if it
// were alone; both see every record. either_trigger(event_time_trigger{}, count_trigger{100}) shows what a window holds so
// far with each hundredth record, all of it at its end, and what comes late. Three: either_trigger(a, either_trigger(b, c)).
template <detail::trigger_like First, detail::trigger_like Second>
struct either_trigger {
  using both = detail::two_triggers<First, Second>;
  using state = typename both::state;

  First first;
  Second second;

  constexpr either_trigger(First a, Second b) : first(std::move(a)), second(std::move(b)) {}

  void check() const {
    detail::check_trigger(first);
    detail::check_trigger(second);
  }
  template <class V, class C>
    requires trigger<First, V> && trigger<Second, V>
  constexpr trigger_result on_element(V const& record, C& context) const {
    auto a = both::first_of(context);
    auto b = both::second_of(context);
    trigger_result const one = first.on_element(record, a);
    return detail::both_results(one, second.on_element(record, b));
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    return both::template on_timer<1>(
        at, context, [&](auto& c) { return first.on_event_time(at, c); },
        [&](auto& c) { return second.on_event_time(at, c); });
  }
  template <class C>
    requires(detail::has_on_processing_time<First> || detail::has_on_processing_time<Second>)
  constexpr trigger_result on_processing_time(timestamp at, C& context) const {
    return both::template on_timer<2>(
        at, context, [&](auto& c) { return detail::on_clock(first, at, c); },
        [&](auto& c) { return detail::on_clock(second, at, c); });
  }
  template <class C>
    requires merging_trigger<First> && merging_trigger<Second>
  constexpr void on_merge(state const& absorbed, C& context) const {
    both::on_merge(first, second, absorbed, context);
  }
  // Inside of timeout_trigger, when that has fired.
  template <class C>
  constexpr void clear(C& context) const {
    auto a = both::first_of(context);
    auto b = both::second_of(context);
    detail::clear_trigger(first, a);
    detail::clear_trigger(second, b);
  }
};

}  // namespace weir
