#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/attach_process.hpp>
#include <weir/op/keyed/process_facts.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Context and emit that say in words what f does wrong with them. With these its functions are looked into where f stands
// in the pipe: in a run the same mistake would come with the names of all that is around it.
template <class F, class Key>
struct context_check : context_archetype<Key> {
  Key const& key() const {
    constexpr bool the_stream_has_a_key = !std::is_same_v<Key, no_key>;
    static_assert(the_stream_has_a_key,
                  "weir::process(f): context.key() on a stream without key; put key_by(f) before it");
    return context_archetype<Key>::key();
  }
  void set_timer(timestamp) const {
    constexpr bool f_has_on_timer = has_on_timer<F>;
    static_assert(f_has_on_timer,
                  "weir::process(f): set_timer without on_timer(timestamp, context, emit) in f");
  }
  void set_processing_timer(timestamp) const {
    constexpr bool f_has_on_processing_timer = has_on_processing_timer<F>;
    static_assert(
        f_has_on_processing_timer,
        "weir::process(f): set_processing_timer without on_processing_timer(timestamp, context, emit) in f");
  }
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {
    constexpr bool f_declares_it = declares_side_output<F, Name>;
    static_assert(f_declares_it,
                  "weir::process(f): f has no side output of this name; add it to `using side_outputs`");
  }
};
template <class F>
struct emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<typename F::output, T>;
    static_assert(f_emits_its_output, "weir::process(f): emit(value): the value is no `output` of f");
  }
};
template <class F, class In>
concept process_takes =
    requires(F& f, typename In::value const& v, context_check<F, process_key_view<F, In>>& c,
             emit_check<F> const& e) { f.on_record(v, c, e); };

// Never called.
template <class F, class In>
void check_process(F& f, typename In::value const& v, context_check<F, process_key_view<F, In>>& at_record,
                   context_check<F, process_key<F, In>>& at_timer, emit_check<F> const& e) {
  f.on_record(v, at_record, e);
  if constexpr (has_on_timer<F>) f.on_timer(at_timer.time(), at_timer, e);
  if constexpr (has_on_processing_timer<F>) f.on_processing_timer(at_timer.time(), at_timer, e);
}

template <class F>
struct process_operator : operation_base {
  F f;
  constexpr explicit process_operator(F fn) : f(std::move(fn)) {}
  template <class>
  static constexpr bool guardable = true;

  // Without a key there is one state for all records, and no timer.
  template <class In>
  static constexpr bool has_its_key =
      In::keyed || !(handles_of<F>::any_of_keys || has_on_timer<F> || has_on_processing_timer<F>);
  template <class In>
  static constexpr bool keeps_for_keys = !In::keyed || !handles_of<F>::any_of_operator;
  static constexpr bool has_no_rules = !handles_of<F>::any_of_broadcast;
  template <class In>
  static constexpr bool has_time_for_timers = In::timed || !has_on_timer<F>;
  template <class In>
  static constexpr bool has_time_for_ttl = In::timed || !handles_of<F>::event_ttl;
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (declares_output<F> && has_states<F> && has_its_key<In> && keeps_for_keys<In> &&
                  has_no_rules && has_time_for_timers<In> && has_time_for_ttl<In>) {
      if constexpr (!handles_of<F>::view::found && handles_of<F>::names_differ && process_takes<F, In>) {
        (void)&check_process<F, In>;
        return true;
      }
    }
    return false;
  }();
  template <class In>
  using output = process_output<F, In>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = has_its_key<In>;
    static_assert(
        the_stream_has_a_key,
        "weir::process(f): the stream has no key; put key_by(f) before it, or keep operator_list_state "
        "or operator_value_state and set no timers");
    constexpr bool f_keeps_what_belongs_to_the_key = keeps_for_keys<In>;
    static_assert(
        f_keeps_what_belongs_to_the_key,
        "weir::process(f): operator state behind key_by; use list_state or value_state, which are kept for "
        "each key, or a stream without key");
    constexpr bool f_needs_no_second_input = has_no_rules;
    static_assert(
        f_needs_no_second_input,
        "weir::process(f): f has a broadcast_state, which nothing would write; use broadcast(rules, f)");
    if constexpr (the_stream_has_a_key && f_keeps_what_belongs_to_the_key && f_needs_no_second_input) {
      constexpr bool f_says_what_it_emits = declares_output<F>;
      static_assert(f_says_what_it_emits,
                    "weir::process(f): f does not say what it emits; add `using output = ...;`");
      constexpr bool f_names_its_states = has_states<F>;
      static_assert(f_names_its_states || !f_says_what_it_emits,
                    "weir::process(f): the state handles of f are not found; add `auto states() { return "
                    "std::tie(...); }`");
      if constexpr (f_says_what_it_emits && f_names_its_states) {
        constexpr bool timers_have_event_time = has_time_for_timers<In>;
        static_assert(
            timers_have_event_time,
            "weir::process(f): on_timer without event time; put assign_timestamps(f, strategy) before it");
        constexpr bool ttl_has_event_time = has_time_for_ttl<In>;
        static_assert(ttl_has_event_time || !timers_have_event_time,
                      "weir::process(f): a state handle with event_time_ttl without event time; put "
                      "assign_timestamps(f, strategy) before it");
        constexpr bool state_names_differ = handles_of<F>::names_differ;
        static_assert(
            state_names_differ || !timers_have_event_time || !ttl_has_event_time,
            "weir::process(f): two state handles have the same name, or one has none; give each its own");
        if constexpr (!timers_have_event_time || !ttl_has_event_time || !state_names_differ) {
        } else if constexpr (handles_of<F>::view::found) {
          static_assert(the_field<handles_of<F>::view::path>::owns_its_bytes,
                        "weir::process(f): a state handle keeps a std::string_view, which does not outlive its "
                        "batch; keep a std::string");
        } else {
          constexpr bool f_takes_the_record = process_takes<F, In>;
          static_assert(f_takes_the_record,
                        "weir::process(f): f.on_record(record, context, emit) cannot be called with a record "
                        "of this stream");
        }
      }
    }
  }
  template <class In, class Names>
  using parts = process_parts<F, In, Names>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return attach_process<In>(f, env, rest);
  }
  template <class D>
  void describe(D& d) const {
    d.node("process", d.noun(f));
  }
};

}  // namespace detail

// An operator that runs f for each record, with state for the record's key and timers in event time; on a stream without key
// with state of the operator and no timers.
//
// Input      any stream. f is a struct with
//              using output = T;
//              state handles (value_state<T, "name">, list_state, map_state, reducing_state, aggregating_state, each
//              with or without a ttl; without a key operator_list_state and operator_value_state), found by `auto states() { return std::tie(...); }` or by adapting f with Hana
//              template on_record(record, context, emit), which may emit(T) as often as it likes
//              template on_timer(timestamp, context, emit), if it sets timers
//              template on_processing_timer(timestamp, context, emit), if it sets timers in processing time
//              using side_outputs = weir::side_outputs<weir::side_output<"name", T>...>; if it has any
//            context: key(), time(), watermark(), set_timer(t), delete_timer(t), processing_time(),
//            set_processing_timer(t), delete_processing_timer(t), side(to<"name">, value)
// Output     T, without key
// Time       a record's results carry its timestamp, a timer's the timer's; a timer fires when the watermark reaches it, and
//            one that a record sets at or behind the watermark waits for the next advance; a set for each key. One
//            at max_time fires at the end of the input, with max_time - 1 tick
//            A timer in processing time fires between batches when the clock has come to it, one in the past as soon as
//            can be; its results carry the earliest time that is not late. Those that are pending at the end of the input
//            fire once, in order; what these set is dropped and counted as "dropped timers"
// State      what the handles hold and the timers, for each key, or once without a key; saved. Other members of f are not. What has expired by
//            a ttl is not seen; it is removed in the background
// Ordering   timers fire in order of time, those of one time in order of keys
// Errors     "weir::process(f): the stream has no key; put key_by(f) before it, or keep operator_list_state ..."
//            "weir::process(f): operator state behind key_by; use list_state or value_state, ..."
//            "weir::process(f): a state handle keeps a std::string_view, which does not outlive its batch; keep a std::string"
//            "weir::process(f): emit(value): the value is no `output` of f"
//            "weir::process(f): two state handles have the same name, or one has none; give each its own"
// Example    examples/docs/process.cpp, examples/docs/state_ttl.cpp, examples/docs/operator_state.cpp
// See also   aggregate; Flink: KeyedProcessFunction, ProcessFunction, CheckpointedFunction
template <class F>
constexpr auto process(F f) {
  return detail::process_operator<F>(std::move(f));
}
template <fixed_string Uid, class F>
constexpr auto process(F f) {
  return detail::process_operator<F>(std::move(f)) | uid<Uid>;
}

}  // namespace weir
