#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/two_inputs.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/broadcast_facts.hpp>
#include <weir/op/keyed/broadcast_stage.hpp>

#include <utility>

namespace weir {
namespace detail {

template <class Rules, class F>
struct broadcast_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  using rule = typename Rules::out::value;
  Rules rules;
  F f;
  constexpr broadcast_operator(Rules r, F fn) : rules(std::move(r)), f(std::move(fn)) {}

  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (fault_of_broadcast<F, In, rule>() == broadcast_fault::none) {
      (void)&check_broadcast<F, In, rule>;
      return true;
    }
    return false;
  }();
  template <class In>
  using output = process_output<F, with_side_outputs_of<In, typename Rules::out>>;
  template <class In>
  static constexpr void explain() {
    constexpr broadcast_fault fault = fault_of_broadcast<F, In, rule>();
    constexpr bool f_says_what_it_emits = fault != broadcast_fault::no_output;
    static_assert(f_says_what_it_emits,
                  "weir::broadcast(rules, f): f does not say what it emits; add `using output = ...;`");
    constexpr bool f_names_its_states = fault != broadcast_fault::no_states;
    static_assert(
        f_names_its_states,
        "weir::broadcast(rules, f): the state handles of f are not found; add `auto states() { return "
        "std::tie(...); }`");
    constexpr bool f_keeps_the_rules = fault != broadcast_fault::no_rules;
    static_assert(f_keeps_the_rules,
                  "weir::broadcast(rules, f): f has no broadcast_state<K, V, name> to keep the rules in");
    constexpr bool the_stream_has_a_key = fault != broadcast_fault::key_missing;
    static_assert(
        the_stream_has_a_key,
        "weir::broadcast(rules, f): the stream has no key; put key_by(f) before it, or keep nothing but "
        "broadcast_state and operator state, and set no timers");
    constexpr bool f_keeps_what_belongs_to_the_key = fault != broadcast_fault::operator_state;
    static_assert(
        f_keeps_what_belongs_to_the_key,
        "weir::broadcast(rules, f): operator state behind key_by; use list_state or value_state, which "
        "are kept for each key, or a stream without key");
    constexpr bool timers_have_event_time = fault != broadcast_fault::no_time_for_timers;
    static_assert(timers_have_event_time,
                  "weir::broadcast(rules, f): on_timer without event time; put assign_timestamps(f, strategy) "
                  "before it");
    constexpr bool ttl_has_event_time = fault != broadcast_fault::no_time_for_ttl;
    static_assert(ttl_has_event_time,
                  "weir::broadcast(rules, f): a state handle with event_time_ttl without event time; put "
                  "assign_timestamps(f, strategy) before it");
    constexpr bool state_names_differ = fault != broadcast_fault::one_name;
    static_assert(
        state_names_differ,
        "weir::broadcast(rules, f): two state handles have the same name, or one has none; give each its own");
    if constexpr (fault == broadcast_fault::view)
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

template <class T>
inline constexpr bool gives_records = false;
template <class Source, class Op>
inline constexpr bool gives_records<pipeline<Source, Op>> = pipeline<Source, Op>::out::open;

template <class Rules, class F>
constexpr auto make_broadcast(Rules rules, F f) {
  constexpr bool rules_is_a_pipeline_without_sink = gives_records<Rules> || std::same_as<Rules, rejected>;
  static_assert(
      rules_is_a_pipeline_without_sink,
      "weir::broadcast(rules, f): rules is no open pipeline; begin it with from(source), without into");
  if constexpr (gives_records<Rules>)
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
  if constexpr (detail::gives_records<Rules>)
    return detail::make_broadcast(std::move(rules), std::move(f)) | uid<Uid>;
  else
    return detail::make_broadcast(std::move(rules), std::move(f));
}

}  // namespace weir
