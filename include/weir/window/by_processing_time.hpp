#pragma once

#include <weir/window/event_time_trigger.hpp>
#include <weir/window/half_context.hpp>
#include <weir/window/processing_time_trigger.hpp>
#include <weir/window/time_window.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

namespace weir {
namespace detail {

template <class Assigner>
struct windows_by_clock {
  Assigner assigner;
};

// What a trigger sees in windows by the clock, where there is one time: timers of either kind are of it. Each kind is a set of
// its own, as elsewhere.
// The watermark is a tick behind the clock, and so are the window's timers behind those by the clock.
template <class C, class Half>
class clock_context {
 public:
  clock_context(C& whole, Half& own, duration ahead = {}) : whole_(&whole), own_(&own), ahead_(ahead) {}

  time_window window() const { return whole_->window(); }
  timestamp time() const { return whole_->time() + ahead_; }
  timestamp watermark() const { return whole_->watermark(); }
  timestamp processing_time() const { return saturating_add(whole_->watermark(), tick); }
  auto& state() const { return std::get<0>(*own_); }

  void set_timer(timestamp when) const { set<1>(when); }
  void delete_timer(timestamp when) const { remove<1>(when); }
  void set_processing_timer(timestamp when) const { set<2>(when); }
  void delete_processing_timer(timestamp when) const { remove<2>(when); }

 private:
  static constexpr timestamp within_time(timestamp when) { return earlier(when, max_time - tick); }
  static constexpr timestamp in_window(std::size_t kind, timestamp when) {
    return kind == 2 ? saturating_sub(when, tick) : when;
  }
  static constexpr timestamp of_other(std::size_t kind, timestamp when) {
    return kind == 2 ? saturating_sub(when, tick) : saturating_add(when, tick);
  }
  template <std::size_t Kind>
  void set(timestamp when) const {
    when = within_time(when);
    add_timer(std::get<Kind>(*own_), when);
    whole_->set_timer(in_window(Kind, when));
  }
  template <std::size_t Kind>
  void remove(timestamp when) const {
    when = within_time(when);
    if (take_timer(std::get<Kind>(*own_), when) &&
        !holds_timer(std::get<3 - Kind>(*own_), of_other(Kind, when)))
      whole_->delete_timer(in_window(Kind, when));
  }

  C* whole_;
  Half* own_;
  duration ahead_;
};

// A trigger with timers of processing time, in windows by the clock.
template <class Trigger>
struct trigger_by_clock {
  using state = half_of_trigger<Trigger>;
  Trigger trigger;

  void check() const { check_trigger(trigger); }
  template <class V, class C>
    requires weir::trigger<Trigger, V>
  constexpr trigger_result on_element(V const& record, C& context) const {
    clock_context<C, state> c(context, context.state());
    return trigger.on_element(record, c);
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    timestamp const clock = saturating_add(at, tick);
    bool const of_event_time = take_timer(std::get<1>(context.state()), at);
    bool const of_clock = take_timer(std::get<2>(context.state()), clock);
    clock_context<C, state> c(context, context.state());
    trigger_result const first = of_event_time ? trigger.on_event_time(at, c) : trigger_result::proceed;
    if (!of_clock) return first;
    clock_context<C, state> by_clock(context, context.state(), tick);
    return both_results(first, trigger.on_processing_time(clock, by_clock));
  }
  template <class C>
    requires merging_trigger<Trigger>
  constexpr void on_merge(state const& absorbed, C& context) const {
    clock_context<C, state> c(context, context.state());
    trigger.on_merge(trigger_state_from<Trigger>(std::get<0>(absorbed)), c);
  }
};

// The end of such a window is the clock's already.
template <class Trigger>
constexpr auto in_windows_by_clock(Trigger t) {
  if constexpr (std::same_as<Trigger, processing_time_trigger>)
    return event_time_trigger{};
  else if constexpr (has_on_processing_time<Trigger>)
    return trigger_by_clock<Trigger>{std::move(t)};
  else
    return t;
}

}  // namespace detail

// Windows by the clock, of any assigner: window(by_processing_time(tumbling_windows{.size = 10s}), options...). A record is in the
// windows of the time at which it is processed, and a window fires when the clock has reached its end: no record is late, so
// allowed_lateness and late_to are refused. The stream needs no event time. Behind such a window its time is the clock's: rows
// carry the window's last instant, and the watermark is a tick behind the clock, so that windows can follow windows.
// See also: window; Flink, TumblingProcessingTimeWindows and so on
template <class Assigner>
constexpr auto by_processing_time(Assigner assigner) {
  return detail::windows_by_clock<Assigner>{std::move(assigner)};
}

}  // namespace weir
