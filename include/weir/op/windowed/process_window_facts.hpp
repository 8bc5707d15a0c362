// What is known at compile time of process_window: what it gives to its function, and what can be wrong with that.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/core/is_view.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/op/windowed/element_list.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/op/windowed/window_function.hpp>
#include <weir/window/keyed_window.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// Stand for the context and emit in questions about f.
template <class Key>
struct window_context_archetype {
  Key const& key() const { __builtin_unreachable(); }
  timestamp watermark() const { __builtin_unreachable(); }
  timestamp processing_time() const { __builtin_unreachable(); }
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {}
};
template <class Out>
struct window_emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<Out, T>;
    static_assert(f_emits_its_output, "weir::process_window<uid, Out>(f): emit(value): the value is no Out");
  }
};

// Held: the records of the window, or the row that aggregate functions make of them.
template <class F, class Key, class Held, class Out>
concept takes_window = requires(F const& f, keyed_window<Key> const& w, Held const& held,
                                window_emit_check<Out> const& emit) { f(w, held, emit); };
template <class F, class Key, class Held, class Out>
concept takes_window_and_context =
    requires(F& f, keyed_window<Key> const& w, Held const& held, window_context_archetype<Key>& context,
             window_emit_check<Out> const& emit) { f(w, held, context, emit); };
template <class F, class Key>
concept clears_window =
    requires(F& f, keyed_window<Key> const& w, window_context_archetype<Key>& context) { f.clear(w, context); };

// Whether f keeps something or has to hear of something, so that it needs more than a call.
template <class F, class Key>
inline constexpr bool keeps_or_clears =
    clears_window<F, Key> || requires(F& f) { f.states(); } || requires(F& f) { f.window_states(); };

// Handles among the members of a struct would never be bound where it does not say which they are. A closure is no aggregate.
template <class F>
inline constexpr bool names_its_window_states = requires(F& f) { f.states(); } || requires(F& f) {
  f.window_states();
} || std::is_empty_v<F> || !std::is_aggregate_v<F>;

// Stand for a member in questions about a struct: of any type, a state handle, and neither.
struct any_member {
  template <class T>
  operator T&() const;
  template <class T>
  operator T&&() const;
};
struct handle_member {
  template <state_handle H>
  operator H() const;
};
struct other_member {};
template <std::size_t>
using nth_any_member = any_member;

// Whether a struct has a state handle among its members, where they can be counted.
template <class F, std::size_t... Before>
consteval bool has_handle_member(std::index_sequence<Before...>) {
  if constexpr (!std::is_aggregate_v<F> || std::is_empty_v<F>)
    return false;
  else if constexpr (
      requires {
        F{nth_any_member<Before>{}..., handle_member{}};
      } &&
      !requires {
        F{nth_any_member<Before>{}..., other_member{}};
      })
    return true;
  else if constexpr (sizeof...(Before) < sizeof(F) && requires {
                       F{nth_any_member<Before>{}..., any_member{}};
                     })
    return has_handle_member<F>(std::make_index_sequence<sizeof...(Before) + 1>{});
  else
    return false;
}
template <class F>
inline constexpr bool forgets_its_handles = !requires(F& f) { f.states(); } && !requires(F& f) {
  f.window_states();
} && has_handle_member<F>(std::index_sequence<>{});

// What a window holds for the function: its records, or what an operator such as aggregate makes of them one by one.
struct all_elements {
  using functions_type = element_list;
  template <class In>
  static constexpr bool accepts = In::windowed;
  constexpr element_list window_functions() const { return {}; }
};
template <class Op>
concept incremental_operation = requires(Op const& op) {
  typename Op::functions_type;
  { op.window_functions() } -> std::same_as<typename Op::functions_type>;
};

template <class In, class Inner>
struct window_call {
  using types = window_types<typename In::value, typename In::key_fn, typename Inner::functions_type>;
  using key = typename types::key;
  using held = typename types::result;
};
template <class In>
struct window_call<In, all_elements> {
  using types = window_types<typename In::value, typename In::key_fn, element_list>;
  using key = typename types::key;
  using held = std::vector<typename In::value>;
};

enum class window_fault {
  none,
  inner,
  wrong_handle,
  not_lasting,
  one_name,
  state_view,
  merging,
  function,
  wrong_clear,
  states_not_found,
  view
};

// The first of them, so that one mistake is one error.
template <class F, class Out, class In, class Inner>
consteval window_fault fault_of_window() {
  using enum window_fault;
  if constexpr (!Inner::template accepts<In>) {
    return inner;
  } else {
    using call = window_call<In, Inner>;
    using key = typename call::key;
    using held = typename call::held;
    using of_keys = window_handles<key_states_t<F>>;
    using of_windows = window_handles_of<F>;
    if constexpr (!of_keys::all || !of_windows::all)
      return wrong_handle;
    else if constexpr (!of_keys::lasting || !of_windows::lasting)
      return not_lasting;
    else if constexpr (!state_names_differ<key_states_t<F>, window_states_t<F>>)
      return one_name;
    else if constexpr (of_keys::view::found || of_windows::view::found)
      return state_view;
    else if constexpr (of_windows::any && decltype(In::window::assigner)::merging)
      return merging;
    else if constexpr (!takes_window<F, key, held, Out> && !takes_window_and_context<F, key, held, Out>)
      return function;
    else if constexpr (requires { &F::clear; } && !clears_window<F, key>)
      return wrong_clear;
    else if constexpr (takes_window<F, key, held, Out> ? forgets_its_handles<F> : !names_its_window_states<F>)
      return states_not_found;
    else if constexpr (std::same_as<Inner, all_elements> && is_view<typename In::value>())
      return view;
    else
      return none;
  }
}

}  // namespace weir::detail
