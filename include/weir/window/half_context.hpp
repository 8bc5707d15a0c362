// half_context: what one of two triggers sees that are one for their window.
#pragma once

#include <weir/window/trigger.hpp>

#include <algorithm>
#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

constexpr trigger_result both_results(trigger_result a, trigger_result b) {
  bool const fire = fires(a) || fires(b), purge = purges(a) || purges(b);
  if (fire) return purge ? trigger_result::fire_and_purge : trigger_result::fire;
  return purge ? trigger_result::purge : trigger_result::proceed;
}

// A set of times, in order.
using trigger_timers = std::vector<timestamp>;
constexpr bool holds_timer(trigger_timers const& all, timestamp when) {
  return std::binary_search(all.begin(), all.end(), when);
}
constexpr void add_timer(trigger_timers& all, timestamp when) {
  auto const at = std::lower_bound(all.begin(), all.end(), when);
  if (at == all.end() || *at != when) all.insert(at, when);
}
constexpr bool take_timer(trigger_timers& all, timestamp when) {
  auto const at = std::lower_bound(all.begin(), all.end(), when);
  if (at == all.end() || *at != when) return false;
  all.erase(at);
  return true;
}

// A state without fields has no codec; a tuple of nothing stands for it.
template <class State>
using kept_trigger_state = std::conditional_t<std::same_as<State, no_trigger_state>, std::tuple<>, State>;
template <class Trigger, class Kept>
constexpr decltype(auto) trigger_state_from(Kept const& kept) {
  if constexpr (std::same_as<trigger_state_t<Trigger>, no_trigger_state>)
    return no_trigger_state{};
  else
    return (kept);
}

// What is kept of one of them: its state, and its own timers in event time and by the clock.
template <class Trigger>
using half_of_trigger =
    std::tuple<kept_trigger_state<trigger_state_t<Trigger>>, trigger_timers, trigger_timers>;

// Its own state and timers. A timer that the other has set too stays when it is deleted.
template <class C, class Half, class Other>
class half_context {
 public:
  half_context(C& whole, Half& own, Other const& other) : whole_(&whole), own_(&own), other_(&other) {}

  time_window window() const { return whole_->window(); }
  timestamp time() const { return whole_->time(); }
  timestamp watermark() const { return whole_->watermark(); }
  timestamp processing_time() const { return whole_->processing_time(); }
  auto& state() const { return std::get<0>(*own_); }

  void set_timer(timestamp when) const {
    when = within_time(when);
    add_timer(std::get<1>(*own_), when);
    whole_->set_timer(when);
  }
  void delete_timer(timestamp when) const {
    when = within_time(when);
    if (take_timer(std::get<1>(*own_), when) && !holds_timer(std::get<1>(*other_), when))
      whole_->delete_timer(when);
  }
  void set_processing_timer(timestamp when) const {
    when = within_time(when);
    add_timer(std::get<2>(*own_), when);
    whole_->set_processing_timer(when);
  }
  void delete_processing_timer(timestamp when) const {
    when = within_time(when);
    if (take_timer(std::get<2>(*own_), when) && !holds_timer(std::get<2>(*other_), when))
      whole_->delete_processing_timer(when);
  }
  // As before the first record, but that the timer of the window's end stays.
  void clear() const {
    timestamp const last = within_time(window().last());
    for (timestamp const when : trigger_timers(std::get<1>(*own_)))
      if (when != last) delete_timer(when);
    for (timestamp const when : trigger_timers(std::get<2>(*own_)))
      if (when != last) delete_processing_timer(when);
    state() = {};
  }

 private:
  static constexpr timestamp within_time(timestamp when) {
    return earlier(when, max_time - tick);
  }  // as the window

  C* whole_;
  Half* own_;
  Other const* other_;
};

// Two triggers of a window. A timer that is due is for those that have set it.
template <class First, class Second>
struct two_triggers {
  using first_half = half_of_trigger<First>;
  using second_half = half_of_trigger<Second>;
  using state = std::tuple<first_half, second_half>;

  template <class C>
  static auto first_of(C& context) {
    state& s = context.state();
    return half_context<C, first_half, second_half>(context, std::get<0>(s), std::get<1>(s));
  }
  template <class C>
  static auto second_of(C& context) {
    state& s = context.state();
    return half_context<C, second_half, first_half>(context, std::get<1>(s), std::get<0>(s));
  }
  // I: 1 in event time, 2 by the clock. one(context), two(context) are called for the timers of the first and the second.
  template <std::size_t I, class C, class One, class Two>
  static trigger_result on_timer(timestamp at, C& context, One const& one, Two const& two) {
    bool const of_first = take_timer(std::get<I>(std::get<0>(context.state())), at);
    bool const of_second = take_timer(std::get<I>(std::get<1>(context.state())), at);
    auto a = first_of(context);
    auto b = second_of(context);
    trigger_result const first = of_first ? one(a) : trigger_result::proceed;
    return of_second ? both_results(first, two(b)) : first;
  }
  template <class C>
  static void on_merge(First const& first, Second const& second, state const& absorbed, C& context) {
    auto a = first_of(context);
    auto b = second_of(context);
    first.on_merge(trigger_state_from<First>(std::get<0>(std::get<0>(absorbed))), a);
    second.on_merge(trigger_state_from<Second>(std::get<0>(std::get<1>(absorbed))), b);
  }
};

template <class T>
constexpr void check_trigger(T const& t) {
  if constexpr (requires { t.check(); }) t.check();
}
// What is shown is no more to be waited for. A trigger that is made of others clears each of them.
template <class T, class C>
constexpr void clear_trigger(T const& t, C& context) {
  if constexpr (requires { t.clear(context); })
    t.clear(context);
  else
    context.clear();
}
template <class T, class C>
constexpr trigger_result on_clock(T const& t, timestamp at, C& context) {
  if constexpr (has_on_processing_time<T>)
    return t.on_processing_time(at, context);
  else
    return trigger_result::proceed;
}

}  // namespace weir::detail
