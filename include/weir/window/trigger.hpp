// trigger: when a window gives a result.
#pragma once

#include <weir/window/time_window.hpp>

#include <concepts>

namespace weir {

// What becomes of a window. fire: it gives a row of all that it holds. purge: it forgets what it holds; it goes on with what
// comes, and the trigger keeps its state and its timers.
enum class trigger_result { proceed, fire, purge, fire_and_purge };

constexpr bool fires(trigger_result r) {
  return r == trigger_result::fire || r == trigger_result::fire_and_purge;
}
constexpr bool purges(trigger_result r) {
  return r == trigger_result::purge || r == trigger_result::fire_and_purge;
}

namespace detail {

struct no_trigger_state {};
template <class T>
struct trigger_state_of {
  using type = no_trigger_state;
};
template <class T>
  requires requires { typename T::state; }
struct trigger_state_of<T> {
  using type = typename T::state;
};

// Stands for the context in questions about a trigger.
template <class State>
struct trigger_context_archetype {
  time_window window() const { __builtin_unreachable(); }
  timestamp time() const { __builtin_unreachable(); }
  timestamp watermark() const { __builtin_unreachable(); }
  State& state() const { __builtin_unreachable(); }
  void set_timer(timestamp) const {}
  void delete_timer(timestamp) const {}
  timestamp processing_time() const { __builtin_unreachable(); }
  void set_processing_timer(timestamp) const {}
  void delete_processing_timer(timestamp) const {}
};

}  // namespace detail

// What a trigger keeps for each window of each key: its nested type `state`, if it has one.
template <class T>
using trigger_state_t = typename detail::trigger_state_of<T>::type;

// A trigger for windows of V. It is a policy: what it knows of a window is in `state`, not in itself. It has
//   using state = S;               if it needs one: default constructible, with a codec where the store is durable
//   template <class V, class C>
//   trigger_result on_element(V const& record, C& context) const        the record has been added to the window
//   template <class C>
//   trigger_result on_event_time(timestamp at, C& context) const        a timer that it set for the window is due
//   template <class C>
//   void on_merge(S const& absorbed, C& context) const                  for windows that merge: see below
//   template <class C>
//   trigger_result on_processing_time(timestamp at, C& context) const   if it sets timers of processing time: one is due
//   void check() const                                                  if it can be wrong: throws config_error
// and context has
//   window(), time() (of the record or the timer), watermark()
//   state()                                                             S&, of this window of this key
//   set_timer(at), delete_timer(at)                                     timers are a set for each window of each key
//   processing_time(), set_processing_timer(at), delete_processing_timer(at)    the same by the clock
// A timer fires when the watermark reaches it; one that a record sets at or behind the watermark fires at the next advance.
// When the window is gone, at its last instant and allowed_lateness, so are its state and its timers; timers of the same
// instant fire before. Timers of processing time fire between batches, once the clock has reached them, and all that are
// left when the input ends; what they make is not the same in every run.
//
// Where windows merge, the window that they become begins with a state of its own and no timers, and on_merge is called for
// the state of each window that it is made of, in the order of time, before on_element for the record that joins them. A
// trigger without state gets an empty struct there.
//
// See also: event_time_trigger, count_trigger, continuous_event_time_trigger, delta_trigger, end_of_stream_trigger, purging,
// processing_time_trigger, continuous_processing_time_trigger, timeout_trigger, either_trigger, never_trigger; Flink: Trigger
template <class T, class V>
concept trigger = std::default_initializable<trigger_state_t<T>> &&
                  requires(T const& t, V const& record, timestamp at,
                           detail::trigger_context_archetype<trigger_state_t<T>>& context) {
                    { t.on_element(record, context) } -> std::same_as<trigger_result>;
                    { t.on_event_time(at, context) } -> std::same_as<trigger_result>;
                  };

// A trigger that windows which merge can have.
template <class T>
concept merging_trigger =
    requires(T const& t, trigger_state_t<T> const& absorbed,
             detail::trigger_context_archetype<trigger_state_t<T>>& context) { t.on_merge(absorbed, context); };

namespace detail {

// A trigger for some records: what can be asked before they are known.
template <class T>
concept trigger_like =
    requires(T const& t, timestamp at, trigger_context_archetype<trigger_state_t<T>>& context) {
      { t.on_event_time(at, context) } -> std::same_as<trigger_result>;
    };

template <class T>
concept has_on_processing_time =
    requires(T const& t, timestamp at, trigger_context_archetype<trigger_state_t<T>>& context) {
      { t.on_processing_time(at, context) } -> std::same_as<trigger_result>;
    };

}  // namespace detail

}  // namespace weir
