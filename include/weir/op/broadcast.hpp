#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/two_inputs.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/broadcast_facts.hpp>
#include <weir/op/keyed/broadcast_stage.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/op/keyed/process_faults.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Contexts and emit that say in words what f does wrong with them: see op/process.hpp.
template <class F, class Key>
struct broadcast_context_check : context_archetype<Key> {
  Key const& key() const {
    constexpr bool the_stream_has_a_key = !std::is_same_v<Key, no_key>;
    static_assert(the_stream_has_a_key,
                  "weir::broadcast(rules, f): context.key() on a stream without key; put key_by(f) before it");
    return context_archetype<Key>::key();
  }
  void set_timer(timestamp) const {
    constexpr bool f_has_on_timer = has_on_timer<F>;
    static_assert(f_has_on_timer,
                  "weir::broadcast(rules, f): set_timer without on_timer(timestamp, context, emit) in f");
  }
  void set_processing_timer(timestamp) const {
    constexpr bool f_has_on_processing_timer = has_on_processing_timer<F>;
    static_assert(f_has_on_processing_timer,
                  "weir::broadcast(rules, f): set_processing_timer without on_processing_timer(timestamp, "
                  "context, emit) in f");
  }
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {
    constexpr bool f_declares_it = declares_side_output<F, Name>;
    static_assert(
        f_declares_it,
        "weir::broadcast(rules, f): f has no side output of this name; add it to `using side_outputs`");
  }
};
// For on_broadcast: there is no key at hand, but all of them can be gone through.
template <class F, class Key>
struct rule_context_check {
  timestamp time() const { __builtin_unreachable(); }
  timestamp watermark() const { __builtin_unreachable(); }
  timestamp processing_time() const { __builtin_unreachable(); }
  template <class T = Key>
  Key const& key() const {
    constexpr bool there_is_a_key = !std::is_same_v<T, Key>;
    static_assert(
        there_is_a_key,
        "weir::broadcast(rules, f): context.key() in on_broadcast, which is for no key; go through the "
        "keys with context.for_each_key(f)");
    return context_archetype<Key>{}.key();
  }
  template <class T = Key>
  void set_timer(timestamp) const {
    constexpr bool there_is_a_key = !std::is_same_v<T, Key>;
    static_assert(
        there_is_a_key,
        "weir::broadcast(rules, f): set_timer in on_broadcast, which is for no key; set it in on_record");
  }
  template <class T = Key>
  void set_processing_timer(timestamp t) const {
    set_timer<T>(t);
  }
  template <class Fn>
  void for_each_key(Fn&& fn) const {
    constexpr bool the_stream_has_a_key = !std::is_same_v<Key, no_key>;
    static_assert(the_stream_has_a_key,
                  "weir::broadcast(rules, f): for_each_key on a stream without key; put key_by(f) before it");
    if constexpr (the_stream_has_a_key) fn(context_archetype<Key>{}.key());
  }
  template <fixed_string Name, class T>
  void side(to_tag<Name> name, T&& value) const {
    broadcast_context_check<F, Key>{}.side(name, std::forward<T>(value));
  }
};
template <class F>
struct broadcast_emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<typename F::output, T>;
    static_assert(f_emits_its_output, "weir::broadcast(rules, f): emit(value): the value is no `output` of f");
  }
};

template <class F, class In>
concept takes_records =
    requires(F const& f, typename In::value const& v, broadcast_context_check<F, process_key_view<F, In>>& c,
             broadcast_emit_check<F> const& e) { f.on_record(v, c, e); };
template <class F, class In, class Rule>
concept takes_rules = requires(F& f, Rule const& v, rule_context_check<F, process_key<F, In>>& c,
                               broadcast_emit_check<F> const& e) { f.on_broadcast(v, c, e); };

// Never called.
template <class F, class In, class Rule>
void check_broadcast(F& f, typename In::value const& v, Rule const& rule,
                     broadcast_context_check<F, process_key_view<F, In>>& at_record,
                     broadcast_context_check<F, process_key<F, In>>& at_timer,
                     rule_context_check<F, process_key<F, In>>& at_rule, broadcast_emit_check<F> const& e) {
  std::as_const(f).on_record(v, at_record, e);
  if constexpr (has_on_timer<F>) std::as_const(f).on_timer(at_timer.time(), at_timer, e);
  if constexpr (has_on_processing_timer<F>) std::as_const(f).on_processing_timer(at_timer.time(), at_timer, e);
  f.on_broadcast(rule, at_rule, e);
}

// What is wrong with the functions of f, where its states are right: the first, so that one mistake is one error.
enum class broadcast_fault { none, not_const, not_const_timer, on_record, on_broadcast };

template <class F, class In>
inline constexpr process_fault fault_of_states = fault_of_process<F, true, In::keyed, In::timed>();

template <class F, class In, class Rule>
consteval broadcast_fault fault_of_broadcast() {
  using enum broadcast_fault;
  if constexpr (fault_of_states<F, In> != process_fault::none) {
    return none;
  } else if constexpr ((has_on_timer<F> && !has_on_timer<F const>) ||
                       (has_on_processing_timer<F> && !has_on_processing_timer<F const>)) {
    return not_const_timer;
  } else if constexpr (!takes_records<F, In>) {
    constexpr bool but_for_const =
        requires(F& f, typename In::value const& v, broadcast_context_check<F, process_key_view<F, In>>& c,
                 broadcast_emit_check<F> const& e) { f.on_record(v, c, e); };
    return but_for_const ? not_const : on_record;
  } else if constexpr (!takes_rules<F, In, Rule>) {
    return on_broadcast;
  } else {
    return none;
  }
}

template <class Rules, class F>
struct broadcast_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  using rule = typename Rules::out::value;
  Rules rules;
  F f;
  constexpr broadcast_operator(Rules r, F fn) : rules(std::move(r)), f(std::move(fn)) {}

  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (fault_of_states<F, In> == process_fault::none &&
                  fault_of_broadcast<F, In, rule>() == broadcast_fault::none) {
      (void)&check_broadcast<F, In, rule>;
      return true;
    }
    return false;
  }();
  template <class In>
  using output = process_output<F, with_side_outputs_of<In, typename Rules::out>>;
  template <class In>
  static constexpr void explain() {
    constexpr process_fault states = fault_of_states<F, In>;
    constexpr broadcast_fault fault = fault_of_broadcast<F, In, rule>();
    constexpr bool f_says_what_it_emits = states != process_fault::no_output;
    static_assert(f_says_what_it_emits,
                  "weir::broadcast(rules, f): f does not say what it emits; add `using output = ...;`");
    constexpr bool f_names_its_states = states != process_fault::no_states;
    static_assert(
        f_names_its_states,
        "weir::broadcast(rules, f): the state handles of f are not found; add `auto states() { return "
        "std::tie(...); }`");
    constexpr bool f_keeps_the_rules = states != process_fault::no_rules;
    static_assert(f_keeps_the_rules,
                  "weir::broadcast(rules, f): f has no broadcast_state<K, V, name> to keep the rules in");
    constexpr bool the_stream_has_a_key = states != process_fault::key_missing;
    static_assert(
        the_stream_has_a_key,
        "weir::broadcast(rules, f): the stream has no key; put key_by(f) before it, or keep nothing but "
        "broadcast_state and operator state, and set no timers");
    constexpr bool f_keeps_what_belongs_to_the_key = states != process_fault::operator_state;
    static_assert(
        f_keeps_what_belongs_to_the_key,
        "weir::broadcast(rules, f): operator state behind key_by; use list_state or value_state, which "
        "are kept for each key, or a stream without key");
    constexpr bool timers_have_event_time = states != process_fault::no_time_for_timers;
    static_assert(timers_have_event_time,
                  "weir::broadcast(rules, f): on_timer without event time; put assign_timestamps(f, strategy) "
                  "before it");
    constexpr bool ttl_has_event_time = states != process_fault::no_time_for_ttl;
    static_assert(ttl_has_event_time,
                  "weir::broadcast(rules, f): a state handle with event_time_ttl without event time; put "
                  "assign_timestamps(f, strategy) before it");
    constexpr bool state_names_differ = states != process_fault::one_name;
    static_assert(
        state_names_differ,
        "weir::broadcast(rules, f): two state handles have the same name, or one has none; give each its own");
    if constexpr (states == process_fault::view)
      static_assert(
          the_field<handles_of<F>::view::path>::owns_its_bytes,
          "weir::broadcast(rules, f): a state handle keeps a std::string_view, which does not outlive "
          "its batch; keep a std::string");
    constexpr bool on_record_is_const = fault != broadcast_fault::not_const;
    static_assert(
        on_record_is_const,
        "weir::broadcast(rules, f): on_record of f is not const; it may not write the broadcast_state");
    constexpr bool timers_are_const = fault != broadcast_fault::not_const_timer;
    static_assert(
        timers_are_const,
        "weir::broadcast(rules, f): on_timer or on_processing_timer of f is not const; it may not write "
        "the broadcast_state");
    constexpr bool f_takes_the_record = fault != broadcast_fault::on_record;
    static_assert(
        f_takes_the_record,
        "weir::broadcast(rules, f): f.on_record(record, context, emit) cannot be called with a record of "
        "this stream");
    constexpr bool f_takes_the_rule = fault != broadcast_fault::on_broadcast;
    static_assert(
        f_takes_the_rule,
        "weir::broadcast(rules, f): f.on_broadcast(record, context, emit) cannot be called with a record "
        "of rules");
  }
  template <class In, class Names>
  using parts = concat_parts<
      parts_of_second<Rules, Names>,
      part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true, process_storable<F, In>>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env.unkeyed()); };
    auto const make_core = [&] {
      return broadcast_stage<typename In::value, In::timed, process_key_fn<In>, F,
                             full_uid<Env::scope, Env::uid>, typename Env::runtime_type, decltype(make_next())>(
          env, f, make_next);
    };
    return attach_two_inputs<In, true>(rules, env, make_core);
  }
  template <class D>
  void describe(D& d) const {
    d.node("broadcast", d.noun(f));
    d.arm(rules);
  }
};

template <class Rules, class F>
constexpr auto make_broadcast(Rules rules, F f) {
  constexpr bool rules_is_a_pipeline_without_sink = is_open_pipeline<Rules> || std::same_as<Rules, rejected>;
  static_assert(
      rules_is_a_pipeline_without_sink,
      "weir::broadcast(rules, f): rules is no open pipeline; begin it with from(source), without into");
  if constexpr (is_open_pipeline<Rules>)
    return broadcast_operator<Rules, F>(std::move(rules), std::move(f));
  else
    return rejected{};
}

}  // namespace detail

// An operator that runs f for each record, beside rules that a second pipeline gives and that all keys see.
//
// Input      any stream, and rules: a pipeline without sink, of records of any type. f is as in process, and
//              has broadcast_state<K, V, "name"> among its handles, as many as it likes
//              its on_record, on_timer and on_processing_timer are const: they read these states and cannot write them
//              template on_broadcast(rule, context, emit) may write them
//            context of on_broadcast: time(), watermark(), processing_time(), side(to<"name">, value), and behind key_by
//            for_each_key(fn): fn(key) for each key that keeps something, with the handles of keys bound to it; elsewhere in
//            on_broadcast they are empty
// Output     T, without key
// Time       the watermark is the least of both; the next record comes from the input whose watermark is behind, ties from
//            rules. Rules without event time have no say in that of a stream with it: they are read as they come, before
//            the next record, and what on_broadcast emits carries the earliest time that is not late
// State      what the handles hold and the timers; of broadcast_state each entry that has changed; saved
// Ordering   as of process
// Errors     "weir::broadcast(rules, f): rules is no open pipeline; begin it with from(source), without into"
//            "weir::broadcast(rules, f): on_record of f is not const; it may not write the broadcast_state"
//            "weir::broadcast(rules, f): a broadcast_state is read-only but in on_broadcast; write it there"
//            At run time where on_broadcast writes the state of a key outside of for_each_key
// Example    examples/docs/broadcast.cpp
// See also   process, merge; Flink: BroadcastProcessFunction, KeyedBroadcastProcessFunction
template <class Rules, class F>
constexpr auto broadcast(Rules rules, F f) {
  return detail::make_broadcast(std::move(rules), std::move(f));
}
template <fixed_string Uid, class Rules, class F>
constexpr auto broadcast(Rules rules, F f) {
  return detail::make_broadcast(std::move(rules), std::move(f)) | uid<Uid>;
}

}  // namespace weir
