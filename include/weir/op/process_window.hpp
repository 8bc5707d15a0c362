#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/windowed/apply_stage.hpp>
#include <weir/op/windowed/element_list.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/window/keyed_window.hpp>

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

// Stands for emit in questions about f.
template <class Out>
struct process_window_emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<Out, T>;
    static_assert(f_emits_its_output, "weir::process_window<uid, Out>(f): emit(value): the value is no Out");
  }
};

template <class F>
struct process_window_function {
  F f;

  template <class Window, class Row, class Emit>
  void operator()(Window const& w, Row const& r, Emit const& emit) const {
    f(w, *get_field<3>(r), emit);
  }
};

// The stages behind, with the call of f before them.
template <class F, class Out, class Rest>
struct process_window_rest {
  F const& f;
  Rest const& rest;

  template <class Env>
  auto operator()(Env const& env) const {
    auto const behind = [&] { return rest(env); };
    return apply_stage<process_window_function<F>, Out, decltype(rest(env))>({f}, behind);
  }
};

template <class F, class Out>
struct process_window_operator : operation_base {
  static constexpr bool looks_at_windows = true;
  F f;
  constexpr explicit process_window_operator(F fn) : f(std::move(fn)) {}

  template <class V, class Key>
  static constexpr bool called =
      requires(F const& g, keyed_window<Key> const& w, std::vector<V> const& elements,
               process_window_emit_check<Out> const& emit) { g(w, elements, emit); };
  template <class In>
  static constexpr bool takes = [] {
    if constexpr (In::windowed)
      return called<typename In::value,
                    typename window_types<typename In::value, typename In::key_fn, element_list>::key>;
    else
      return false;
  }();
  template <class In>
  static constexpr bool accepts = takes<In> && !is_view<typename In::value>();
  template <class In>
  using output = typename window_result<In, Out>::type;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_windows = In::windowed;
    static_assert(the_stream_has_windows,
                  "weir::process_window(f): the stream has no windows; put window(assigner) before it");
    if constexpr (the_stream_has_windows) {
      constexpr bool f_takes_the_window = takes<In>;
      static_assert(f_takes_the_window,
                    "weir::process_window<uid, Out>(f): f(window, elements, emit) cannot be called with a "
                    "keyed_window and the std::vector of its records");
      using field = std::conditional_t<f_takes_the_window, view_in<typename In::value>, the_field<"">>;
      static_assert(field::owns_its_bytes,
                    "weir::process_window(f): the record has a std::string_view, which does not outlive its "
                    "batch; map it to one with std::string first");
    }
  }
  template <class In, class Names>
  using parts = window_parts<In, element_list, Names>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return attach_window<In>(element_list{}, env, process_window_rest<F, Out, Rest>{f, rest});
  }
  template <class D>
  void describe(D& d) const {
    d.node("process_window");
  }
};

}  // namespace detail

// An operator that calls f for each window of each key with all its records.
//
// Input      a stream with windows: key_by(f) | window(assigner, options...).
//            f(keyed_window<Key> const&, std::vector<V> const& elements, emit): w.key, w.window.start, w.window.end
// Output     Out, what f emits, without key; late_to<name> of the window as with aggregate
// Time       as of window; f is called each time that a window fires, and what it emits carries the window's last instant
// State      the records of each key and window; saved. aggregate keeps less: use it where one number after the other will do
// Ordering   as of window; elements are in the order in which they came, in sliding windows slice by slice of their time, in
//            windows that merge session by session
// Errors     "weir::process_window(f): the stream has no windows; put window(assigner) before it"
//            "weir::process_window<uid, Out>(f): f(window, elements, emit) cannot be called with a keyed_window and ..."
//            "weir::process_window<uid, Out>(f): emit(value): the value is no Out"
//            "weir::process_window(f): the record has a std::string_view, which does not outlive its batch; ..."
// Example    examples/docs/process_window.cpp
// See also   aggregate, co_group; Flink: ProcessWindowFunction
template <class Out, class F>
constexpr auto process_window(F f) {
  return detail::process_window_operator<F, Out>(std::move(f));
}
template <fixed_string Uid, class Out, class F>
constexpr auto process_window(F f) {
  return detail::process_window_operator<F, Out>(std::move(f)) | uid<Uid>;
}

}  // namespace weir
