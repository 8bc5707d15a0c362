// What can be wrong with a process function that has two inputs, before its functions are looked at.
#pragma once

#include <weir/op/keyed/process_facts.hpp>

namespace weir::detail {

enum class process_fault {
  none,
  no_output,
  no_states,
  no_rules,
  rules,
  key_missing,
  operator_state,
  no_time_for_timers,
  no_time_for_ttl,
  one_name,
  view
};

// The first of them, so that one mistake is one error. Rules: whether f has to have a broadcast_state, or may not.
template <class F, bool Rules, bool Keyed, bool Timed>
consteval process_fault fault_of_process() {
  using enum process_fault;
  if constexpr (!declares_output<F>) {
    return no_output;
  } else if constexpr (!has_states<F>) {
    return no_states;
  } else {
    using handles = handles_of<F>;
    if constexpr (Rules != handles::any_of_broadcast)
      return Rules ? no_rules : rules;
    else if constexpr (!Keyed && (handles::any_of_keys || has_on_timer<F> || has_on_processing_timer<F>))
      return key_missing;
    else if constexpr (Keyed && handles::any_of_operator)
      return operator_state;
    else if constexpr (has_on_timer<F> && !Timed)
      return no_time_for_timers;
    else if constexpr (handles::event_ttl && !Timed)
      return no_time_for_ttl;
    else if constexpr (!handles::names_differ)
      return one_name;
    else if constexpr (handles::view::found)
      return view;
    else
      return none;
  }
}

}  // namespace weir::detail
