#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/two_inputs.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/connect_stage.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/op/keyed/process_faults.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Contexts and emit that say in words what f does wrong with them: see op/process.hpp.
template <class F, class Key>
struct connect_context_check : context_archetype<Key> {
  Key const& key() const {
    constexpr bool the_streams_have_a_key = !std::is_same_v<Key, no_key>;
    static_assert(the_streams_have_a_key,
                  "weir::connect(second, f): context.key() on streams without key; put key_by(f) behind both");
    return context_archetype<Key>::key();
  }
  void set_timer(timestamp) const {
    constexpr bool f_has_on_timer = has_on_timer<F>;
    static_assert(f_has_on_timer,
                  "weir::connect(second, f): set_timer without on_timer(timestamp, context, emit) in f");
  }
  void set_processing_timer(timestamp) const {
    constexpr bool f_has_on_processing_timer = has_on_processing_timer<F>;
    static_assert(f_has_on_processing_timer,
                  "weir::connect(second, f): set_processing_timer without on_processing_timer(timestamp, "
                  "context, emit) in f");
  }
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {
    constexpr bool f_declares_it = declares_side_output<F, Name>;
    static_assert(
        f_declares_it,
        "weir::connect(second, f): f has no side output of this name; add it to `using side_outputs`");
  }
};
template <class F>
struct connect_emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<typename F::output, T>;
    static_assert(f_emits_its_output, "weir::connect(second, f): emit(value): the value is no `output` of f");
  }
};

template <class F, class In>
using connect_context = connect_context_check<F, process_key_view<F, In>>;
template <class F, class In>
concept takes_first = requires(F& f, typename In::value const& v, connect_context<F, In>& c,
                               connect_emit_check<F> const& e) { f.on_first(v, c, e); };
template <class F, class In>
concept takes_second = requires(F& f, typename In::value const& v, connect_context<F, In>& c,
                                connect_emit_check<F> const& e) { f.on_second(v, c, e); };

// Never called.
template <class F, class First, class Second>
void check_connect(F& f, typename First::value const& one, typename Second::value const& two,
                   connect_context<F, First>& at_first, connect_context<F, Second>& at_second,
                   connect_context_check<F, process_key<F, First>>& at_timer, connect_emit_check<F> const& e) {
  f.on_first(one, at_first, e);
  f.on_second(two, at_second, e);
  if constexpr (has_on_timer<F>) f.on_timer(at_timer.time(), at_timer, e);
  if constexpr (has_on_processing_timer<F>) f.on_processing_timer(at_timer.time(), at_timer, e);
}

// What is wrong with two streams, before any function is looked at.
enum class inputs_fault { none, windows, one_key, two_keys, one_time };
template <class First, class Second>
consteval inputs_fault fault_of_inputs() {
  if constexpr (First::windowed || Second::windowed)
    return inputs_fault::windows;
  else if constexpr (First::keyed != Second::keyed)
    return inputs_fault::one_key;
  else if constexpr (First::timed != Second::timed)
    return inputs_fault::one_time;
  else if constexpr (!std::same_as<process_key<none, First>, process_key<none, Second>>)
    return inputs_fault::two_keys;
  else
    return inputs_fault::none;
}

template <class Second, class F>
struct connect_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  using second_stream = typename Second::out;
  Second second;
  F f;
  constexpr connect_operator(Second s, F fn) : second(std::move(s)), f(std::move(fn)) {}

  template <class In>
  static constexpr inputs_fault inputs = fault_of_inputs<In, second_stream>();
  template <class In>
  static constexpr process_fault states = fault_of_process<F, false, In::keyed, In::timed>();
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (inputs<In> == inputs_fault::none && states<In> == process_fault::none) {
      if constexpr (takes_first<F, In> && takes_second<F, second_stream>) {
        (void)&check_connect<F, In, second_stream>;
        return true;
      }
    }
    return false;
  }();
  template <class In>
  using output = process_output<F, with_side_outputs_of<In, second_stream>>;
  template <class In>
  static constexpr void explain() {
    constexpr bool no_stream_has_windows = inputs<In> != inputs_fault::windows;
    static_assert(no_stream_has_windows,
                  "weir::connect(second, f): a stream has windows without function; put aggregate or reduce "
                  "behind window(assigner)");
    constexpr bool both_streams_have_a_key = inputs<In> != inputs_fault::one_key;
    static_assert(both_streams_have_a_key,
                  "weir::connect(second, f): one stream has a key and the other has none; put key_by(f) before "
                  "connect and at the end of second, or at neither");
    constexpr bool both_streams_have_event_time = inputs<In> != inputs_fault::one_time;
    static_assert(both_streams_have_event_time,
                  "weir::connect(second, f): one stream has event time and the other has none; put "
                  "assign_timestamps(f, strategy) into both, or into neither");
    constexpr bool both_keys_are_of_one_type = inputs<In> != inputs_fault::two_keys;
    static_assert(both_keys_are_of_one_type,
                  "weir::connect(second, f): the keys of the two streams are of different types");
    if constexpr (inputs<In> == inputs_fault::none) {
      explain_states<states<In>>();
      if constexpr (states<In> == process_fault::none) {
        constexpr bool f_takes_the_first_record = takes_first<F, In>;
        static_assert(
            f_takes_the_first_record,
            "weir::connect(second, f): f.on_first(record, context, emit) cannot be called with a record of "
            "this stream");
        constexpr bool f_takes_the_second_record = takes_second<F, second_stream>;
        static_assert(f_takes_the_second_record || !f_takes_the_first_record,
                      "weir::connect(second, f): f.on_second(record, context, emit) cannot be called with a "
                      "record of second");
      }
    }
  }
  template <process_fault States>
  static constexpr void explain_states() {
    constexpr bool f_says_what_it_emits = States != process_fault::no_output;
    static_assert(f_says_what_it_emits,
                  "weir::connect(second, f): f does not say what it emits; add `using output = ...;`");
    constexpr bool f_names_its_states = States != process_fault::no_states;
    static_assert(f_names_its_states,
                  "weir::connect(second, f): the state handles of f are not found; add `auto states() { return "
                  "std::tie(...); }`");
    constexpr bool f_keeps_no_rules = States != process_fault::rules;
    static_assert(f_keeps_no_rules,
                  "weir::connect(second, f): f has a broadcast_state, which nothing would write; use "
                  "broadcast(rules, f)");
    constexpr bool the_streams_have_a_key = States != process_fault::key_missing;
    static_assert(
        the_streams_have_a_key,
        "weir::connect(second, f): the streams have no key; put key_by(f) before connect and at the end of "
        "second, or keep operator_list_state or operator_value_state and set no timers");
    constexpr bool f_keeps_what_belongs_to_the_key = States != process_fault::operator_state;
    static_assert(
        f_keeps_what_belongs_to_the_key,
        "weir::connect(second, f): operator state behind key_by; use list_state or value_state, which are "
        "kept for each key, or streams without key");
    constexpr bool timers_have_event_time = States != process_fault::no_time_for_timers;
    static_assert(timers_have_event_time,
                  "weir::connect(second, f): on_timer without event time; put assign_timestamps(f, strategy) "
                  "into both streams");
    constexpr bool ttl_has_event_time = States != process_fault::no_time_for_ttl;
    static_assert(ttl_has_event_time,
                  "weir::connect(second, f): a state handle with event_time_ttl without event time; put "
                  "assign_timestamps(f, strategy) into both streams");
    constexpr bool state_names_differ = States != process_fault::one_name;
    static_assert(
        state_names_differ,
        "weir::connect(second, f): two state handles have the same name, or one has none; give each its own");
    if constexpr (States == process_fault::view)
      static_assert(the_field<handles_of<F>::view::path>::owns_its_bytes,
                    "weir::connect(second, f): a state handle keeps a std::string_view, which does not outlive "
                    "its batch; keep a std::string");
  }
  template <class In, class Names>
  using parts = concat_parts<
      parts_of_second<Second, Names>,
      part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true, process_storable<F, In>>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env.unkeyed()); };
    auto const make_core = [&] {
      return connect_stage<typename In::value, In::timed, process_key_fn<In>, F, full_uid<Env::scope, Env::uid>,
                           typename Env::runtime_type, decltype(make_next())>(env, f, make_next);
    };
    return attach_two_inputs<In, false>(second, env, make_core);
  }
  template <class D>
  void describe(D& d) const {
    d.node("connect", d.noun(f));
    d.arm(second);
  }
};

template <class Second, class F>
constexpr auto make_connect(Second second, F f) {
  constexpr bool second_is_an_open_pipeline = is_open_pipeline<Second> || std::same_as<Second, rejected>;
  static_assert(
      second_is_an_open_pipeline,
      "weir::connect(second, f): second is no open pipeline; begin it with from(source), without into");
  if constexpr (is_open_pipeline<Second>)
    return connect_operator<Second, F>(std::move(second), std::move(f));
  else
    return rejected{};
}

}  // namespace detail

// An operator that runs f for the records of two streams, with state and timers that both share for a key.
//
// Input      any stream, and second: a pipeline without sink, of records of any type. Both have a key, of one type, or
//            neither has; and so with event time. f is as in process, with two functions in the place of on_record:
//              template on_first(record, context, emit)    for records of the stream
//              template on_second(record, context, emit)   for records of second
// Output     T, without key
// Time       the watermark is the least of both; the next record comes from the input whose watermark is behind, ties from
//            the first
// State      what the handles hold and the timers, for each key, or once without a key; saved
// Ordering   as of process
// Errors     "weir::connect(second, f): second is no open pipeline; begin it with from(source), without into"
//            "weir::connect(second, f): one stream has a key and the other has none; put key_by(f) before connect and ..."
//            "weir::connect(second, f): the keys of the two streams are of different types"
//            "weir::connect(second, f): one stream has event time and the other has none; put assign_timestamps ..."
// Example    examples/docs/connect.cpp
// See also   process, broadcast, interval_join, merge; Flink: KeyedCoProcessFunction, CoMapFunction
template <class Second, class F>
constexpr auto connect(Second second, F f) {
  return detail::make_connect(std::move(second), std::move(f));
}
template <fixed_string Uid, class Second, class F>
constexpr auto connect(Second second, F f) {
  return detail::make_connect(std::move(second), std::move(f)) | uid<Uid>;
}

}  // namespace weir
