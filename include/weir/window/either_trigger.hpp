#pragma once

#include <weir/window/trigger.hpp>

#include <algorithm>
#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

constexpr trigger_result both_results(trigger_result a, trigger_result b) {
  bool const fire = fires(a) || fires(b), purge = purges(a) || purges(b);
  if (fire) return purge ? trigger_result::fire_and_purge : trigger_result::fire;
  return purge ? trigger_result::purge : trigger_result::proceed;
}

// A state without fields has no codec; a tuple of nothing stands for it.
template <class State>
using kept_trigger_state = std::conditional_t<std::same_as<State, no_trigger_state>, std::tuple<>, State>;

// What one of two triggers sees: its own state and timers. One that the other has set too stays when it is deleted.
template <class C, class State>
class half_context {
 public:
  using timers = std::vector<timestamp>;
  half_context(C& whole, State& state, timers& own, timers const& other)
      : whole_(&whole), state_(&state), own_(&own), other_(&other) {}

  time_window window() const { return whole_->window(); }
  timestamp time() const { return whole_->time(); }
  timestamp watermark() const { return whole_->watermark(); }
  State& state() const { return *state_; }
  void set_timer(timestamp when) const {
    when = earlier(when, max_time - tick);  // as the window keeps it
    if (auto const at = std::lower_bound(own_->begin(), own_->end(), when); at == own_->end() || *at != when)
      own_->insert(at, when);
    whole_->set_timer(when);
  }
  void delete_timer(timestamp when) const {
    when = earlier(when, max_time - tick);
    auto const at = std::lower_bound(own_->begin(), own_->end(), when);
    if (at == own_->end() || *at != when) return;
    own_->erase(at);
    if (!std::binary_search(other_->begin(), other_->end(), when)) whole_->delete_timer(when);
  }
  // Whether the timer that is due is one of its own.
  bool take_timer(timestamp when) const {
    auto const at = std::lower_bound(own_->begin(), own_->end(), when);
    if (at == own_->end() || *at != when) return false;
    own_->erase(at);
    return true;
  }

 private:
  C* whole_;
  State* state_;
  timers* own_;
  timers const* other_;
};

}  // namespace detail

// A trigger that fires when one of two does, and purges when one of them says so. Each has its own state and timers, as if it
// were alone; both see every record. either_trigger(event_time_trigger{}, count_trigger{100}) shows what a window holds so
// far with each hundredth record, all of it at its end, and what comes late. Three: either_trigger(a, either_trigger(b, c)).
template <detail::trigger_like First, detail::trigger_like Second>
struct either_trigger {
  using timers = std::vector<timestamp>;
  using first_state = detail::kept_trigger_state<trigger_state_t<First>>;
  using second_state = detail::kept_trigger_state<trigger_state_t<Second>>;
  using state = std::tuple<first_state, timers, second_state, timers>;

  First first;
  Second second;

  constexpr either_trigger(First a, Second b) : first(std::move(a)), second(std::move(b)) {}

  void check() const {
    if constexpr (requires { first.check(); }) first.check();
    if constexpr (requires { second.check(); }) second.check();
  }
  template <class V, class C>
    requires trigger<First, V> && trigger<Second, V>
  constexpr trigger_result on_element(V const& record, C& context) const {
    auto a = first_of(context);
    auto b = second_of(context);
    trigger_result const one = first.on_element(record, a);
    return detail::both_results(one, second.on_element(record, b));
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    auto a = first_of(context);
    auto b = second_of(context);
    bool const of_first = a.take_timer(at), of_second = b.take_timer(at);
    trigger_result const one = of_first ? first.on_event_time(at, a) : trigger_result::proceed;
    return of_second ? detail::both_results(one, second.on_event_time(at, b)) : one;
  }
  template <class C>
    requires merging_trigger<First> && merging_trigger<Second>
  constexpr void on_merge(state const& absorbed, C& context) const {
    auto a = first_of(context);
    auto b = second_of(context);
    first.on_merge(absorbed_of<First>(std::get<0>(absorbed)), a);
    second.on_merge(absorbed_of<Second>(std::get<2>(absorbed)), b);
  }

 private:
  template <class C>
  static auto first_of(C& context) {
    state& s = context.state();
    return detail::half_context<C, first_state>(context, std::get<0>(s), std::get<1>(s), std::get<3>(s));
  }
  template <class C>
  static auto second_of(C& context) {
    state& s = context.state();
    return detail::half_context<C, second_state>(context, std::get<2>(s), std::get<3>(s), std::get<1>(s));
  }
  template <class T, class Kept>
  static decltype(auto) absorbed_of(Kept const& kept) {
    if constexpr (std::same_as<trigger_state_t<T>, detail::no_trigger_state>)
      return detail::no_trigger_state{};
    else
      return (kept);
  }
};

}  // namespace weir
