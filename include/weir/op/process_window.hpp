#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/windowed/apply_stage.hpp>
#include <weir/op/windowed/context_stage.hpp>
#include <weir/op/windowed/process_window_facts.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/window/keyed_window.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// A context that says in words what f does wrong with it. With it f is looked into where it stands in the pipe.
template <class F, class Key>
struct window_context_check : window_context_archetype<Key> {
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {
    constexpr bool f_declares_it = declares_side_output<F, Name>;
    static_assert(f_declares_it,
                  "weir::process_window(f): f has no side output of this name; add it to `using side_outputs`");
  }
};
// Never called: what f does with context and emit is looked into.
template <class F, class Key, class Held, class Out>
void check_window_calls(F& f, keyed_window<Key> const& w, Held const& held,
                        window_context_check<F, Key>& context, window_emit_check<Out> const& emit) {
  if constexpr (takes_window<F, Key, Held, Out>)
    std::as_const(f)(w, held, emit);
  else
    f(w, held, context, emit);
  if constexpr (clears_window<F, Key>) f.clear(w, context);
}

template <class F>
struct process_window_function {
  F f;

  template <class Window, class Row, class Emit>
  void operator()(Window const& w, Row const& r, Emit const& emit) const {
    f(w, *get_field<3>(r), emit);
  }
};

// The stages behind, with the call of f before them.
template <class In, class F, class Out, class Inner, fixed_string Uid>
struct process_window_first {
  using call = window_call<In, Inner>;
  static constexpr bool elements = std::same_as<Inner, all_elements>;
  static constexpr bool asks_nothing = takes_window<F, typename call::key, typename call::held, Out>;
  using form =
      window_call_form<elements, !asks_nothing, clears_window<F, typename call::key>, !In::window::timeless>;
  // Without context and state it is a call, from the kernel.
  static constexpr bool plain = elements && asks_nothing && !keeps_or_clears<F, typename call::key>;
  F const& f;

  template <class Env, class Rest>
  auto operator()(Env const& env, Rest const& rest) const {
    auto const behind = [&] { return rest(env); };
    using next = decltype(rest(env));
    if constexpr (plain)
      return apply_stage<process_window_function<F>, Out, next>({f}, behind);
    else
      return context_stage<F, Out, typename call::key, form, Uid, typename Env::runtime_type, next>(
          f, env.runtime, behind);
  }
};

template <class F, class Out, class Inner>
struct process_window_operator : operation_base {
  static constexpr bool looks_at_windows = true;
  using functions_type = typename Inner::functions_type;
  static constexpr bool of_elements = std::same_as<Inner, all_elements>;
  Inner first;
  F f;
  constexpr process_window_operator(Inner i, F fn) : first(std::move(i)), f(std::move(fn)) {}

  template <class In>
  static constexpr window_fault fault = fault_of_window<F, Out, In, Inner>();
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (fault<In> == window_fault::none) {
      using call = window_call<In, Inner>;
      (void)&check_window_calls<F, typename call::key, typename call::held, Out>;
      return true;
    } else {
      return false;
    }
  }();
  template <class In>
  using output = typename with_declared_outputs<typename window_result<In, Out>::type,
                                                typename declared_outputs<F>::type>::type;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_windows = In::windowed;
    static_assert(the_stream_has_windows,
                  "weir::process_window(f): the stream has no windows; put window(assigner) before it");
    if constexpr (the_stream_has_windows) {
      using enum window_fault;
      constexpr window_fault found = fault<In>;
      if constexpr (found == inner) {
        Inner::template explain<In>();
      } else if constexpr (found == state_view) {
        using of_keys = typename window_handles<key_states_t<F>>::view;
        using of_windows = typename window_handles_of<F>::view;
        static_assert(
            the_field<std::conditional_t<of_keys::found, of_keys, of_windows>::path>::owns_its_bytes,
            "weir::process_window(f): a state handle keeps a std::string_view, which does not outlive "
            "its batch; keep a std::string");
      } else if constexpr (found == view) {
        static_assert(view_in<typename In::value>::owns_its_bytes,
                      "weir::process_window(f): the record has a std::string_view, which does not outlive its "
                      "batch; map it to one with std::string first");
      }
      constexpr bool f_takes_the_window = found != function || !of_elements;
      static_assert(f_takes_the_window,
                    "weir::process_window<uid, Out>(f): f(window, elements, emit) cannot be called with a "
                    "keyed_window and the std::vector of its records, nor f(window, elements, context, emit)");
      constexpr bool f_takes_the_row = found != function || of_elements;
      static_assert(f_takes_the_row,
                    "weir::process_window<uid, Out>(aggregate(...), f): f(window, row, emit) cannot be called "
                    "with a keyed_window and the row of the aggregates, nor f(window, row, context, emit)");
      constexpr bool these_are_state_handles = found != wrong_handle;
      static_assert(these_are_state_handles,
                    "weir::process_window(f): states() or window_states() gives what is no state handle; give "
                    "std::tie(...) of value_state, list_state, map_state, reducing_state, aggregating_state");
      constexpr bool the_handles_last = found != not_lasting;
      static_assert(
          the_handles_last,
          "weir::process_window(f): a state handle with a ttl, or of an operator and not of its keys; use "
          "value_state, list_state, map_state, ... without, and end what they keep in clear(window, context)");
      constexpr bool state_names_are_different = found != one_name;
      static_assert(state_names_are_different,
                    "weir::process_window(f): two state handles have the same name, or one has none or a name "
                    "of the windows themselves (window, slice, windows, sessions); give each its own");
      constexpr bool the_windows_do_not_merge = found != merging;
      static_assert(the_windows_do_not_merge,
                    "weir::process_window(f): window_states() for windows that merge, such as sessions; keep "
                    "it for the key, with states()");
      constexpr bool clear_takes_the_window = found != wrong_clear;
      static_assert(clear_takes_the_window,
                    "weir::process_window(f): f.clear(window, context) cannot be called with a keyed_window");
      constexpr bool f_names_its_states = found != states_not_found;
      static_assert(
          f_names_its_states,
          "weir::process_window(f): the state handles of f are not found; add `auto states() { return "
          "std::tie(...); }` for those of a key, window_states() for those of a window");
    }
  }
  static constexpr bool own_storable =
      window_handles<key_states_t<F>>::storable && window_handles_of<F>::storable;
  template <class In, class Names>
  using parts = window_parts<In, functions_type, Names, own_storable>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    using call = process_window_first<In, F, Out, Inner, full_uid<Env::scope, Env::uid>>;
    return attach_window<In>(first.window_functions(), env, rest, call{f});
  }
  template <class D>
  void describe(D& d) const {
    if constexpr (of_elements)
      d.node("process_window");
    else
      first.describe_functions(d, "process_window");
  }
};

}  // namespace detail

// An operator that calls f for each window of each key with all its records, or with what aggregate or reduce makes of them.
//
// Input      a stream with windows: key_by(f) | window(assigner, options...).
//            f(keyed_window<Key> const&, std::vector<V> const& elements, emit): w.key, w.window.start, w.window.end; or
//            f(window, elements, context, emit). With process_window<uid, Out>(aggregate(...), f) the window keeps the
//            accumulators only, and f gets the row of aggregate in the place of the elements
//            context: key(), watermark(), processing_time(), side(to<"name">, value)
//            f may be a struct with
//              auto states() { return std::tie(...); }         handles of what it keeps for each key
//              auto window_states() { return std::tie(...); }  handles of what it keeps for each window of each key
//              clear(window, context)                          called when the window is gone, whether it has fired or not
//              using side_outputs = weir::side_outputs<weir::side_output<"name", T>...>
// Output     Out, what f emits, without key; late_to<name> of the window as with aggregate
// Time       as of window; f is called each time that a window fires, and what it emits carries the window's last instant.
//            The watermark of the context is the one that makes the window fire
// State      the records of each key and window, or their accumulators; and what the handles hold. Saved. What is kept for a
//            window ends with it, after clear; what is kept for a key ends when f clears it. With window_states() or clear
//            windows are kept one by one, in the general store
// Ordering   as of window; elements are in the order in which they came, in sliding windows slice by slice of their time, in
//            windows that merge session by session
// Errors     "weir::process_window(f): the stream has no windows; put window(assigner) before it"
//            "weir::process_window<uid, Out>(f): f(window, elements, emit) cannot be called with a keyed_window and ..."
//            "weir::process_window<uid, Out>(f): emit(value): the value is no Out"
//            "weir::process_window(f): the record has a std::string_view, which does not outlive its batch; ..."
//            "weir::process_window(f): window_states() for windows that merge, such as sessions; keep it for the key, ..."
//            "weir::process_window(f): two state handles have the same name, or one has none or a name of ..." and the like
// Example    examples/docs/process_window.cpp, examples/docs/window_state.cpp
// See also   aggregate, co_group; Flink: ProcessWindowFunction
template <class Out, class F>
constexpr auto process_window(F f) {
  return detail::process_window_operator<F, Out, detail::all_elements>({}, std::move(f));
}
template <class Out, detail::incremental_operation Inner, class F>
constexpr auto process_window(Inner inner, F f) {
  return detail::process_window_operator<F, Out, Inner>(std::move(inner), std::move(f));
}
template <fixed_string Uid, class Out, class F>
constexpr auto process_window(F f) {
  return weir::process_window<Out>(std::move(f)) | uid<Uid>;
}
template <fixed_string Uid, class Out, detail::incremental_operation Inner, class F>
constexpr auto process_window(Inner inner, F f) {
  return weir::process_window<Out>(std::move(inner), std::move(f)) | uid<Uid>;
}

}  // namespace weir
