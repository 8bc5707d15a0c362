#pragma once

#include <weir/op/windowed/pair_facts.hpp>

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

// Stands for emit in questions about f.
template <class Out>
struct co_group_emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<Out, T>;
    static_assert(f_emits_its_output, "weir::co_group<uid, Out>(second, f): emit(value): the value is no Out");
  }
};

template <class F, class Out>
struct co_group_function {
  using output = Out;
  F f;

  template <class Window, class Row, class Emit>
  void operator()(Window const& w, Row const& r, Emit const& emit) const {
    f(w, *get_field<3>(r), *get_field<4>(r), emit);
  }
};
template <class F, class Out>
struct co_group_of {
  static constexpr char const* name = "co_group";
  F f;

  template <class Key, class L, class R>
  static constexpr bool takes =
      requires(F const& g, keyed_window<Key> const& w, std::vector<L> const& left, std::vector<R> const& right,
               co_group_emit_check<Out> const& emit) { g(w, left, right, emit); };
  template <class L, class R>
  using function = co_group_function<F, Out>;
  template <class L, class R>
  function<L, R> make() const {
    return {f};
  }
};

template <class Second, class Make, class Options>
struct co_group_operator : window_pair_operator<Second, Make, Options> {
  using base = window_pair_operator<Second, Make, Options>;
  using base::base;

  template <class In>
  static constexpr void explain() {
    constexpr pair_fault fault = base::template fault<In>;
    constexpr bool the_stream_has_windows = fault != pair_fault::no_windows;
    static_assert(the_stream_has_windows,
                  "weir::co_group(second, f): the stream has no windows; put window(assigner) before it");
    constexpr bool the_windows_are_of_event_time = fault != pair_fault::by_clock;
    static_assert(
        the_windows_are_of_event_time,
        "weir::co_group(second, f): windows of two streams are of event time; put assign_timestamps(f, "
        "strategy) before window(assigner), and leave out by_processing_time");
    constexpr bool second_has_a_key = fault != pair_fault::second_key;
    static_assert(second_has_a_key, "weir::co_group(second, f): second has no key; put key_by(f) at its end");
    constexpr bool only_the_stream_has_windows = fault != pair_fault::second_windows;
    static_assert(only_the_stream_has_windows,
                  "weir::co_group(second, f): second has windows of its own; its records go into those of the "
                  "stream: end it in key_by(f)");
    constexpr bool second_has_event_time = fault != pair_fault::second_time;
    static_assert(second_has_event_time,
                  "weir::co_group(second, f): second has no event time; put assign_timestamps(f, strategy) "
                  "into it");
    constexpr bool both_keys_are_of_one_type = fault != pair_fault::two_keys;
    static_assert(both_keys_are_of_one_type,
                  "weir::co_group(second, f): the keys of the two streams are of different types");
    constexpr bool the_window_takes_records_of_second = fault != pair_fault::policies;
    static_assert(the_window_takes_records_of_second,
                  "weir::co_group(second, f): the assigner or the trigger of the window cannot be called with "
                  "records of second");
    constexpr bool late_records_have_one_type = fault != pair_fault::late;
    static_assert(late_records_have_one_type,
                  "weir::co_group(second, f): late_to of the window is for records of one type; give "
                  "late_left_to<name> and late_right_to<name> to co_group");
    constexpr bool records_can_be_copied = fault != pair_fault::only_moved;
    static_assert(records_can_be_copied,
                  "weir::co_group(second, f): a record of the two streams cannot be copied, and so not be "
                  "kept; keep what can only be moved in a std::shared_ptr");
    constexpr bool the_window_keeps_all = fault != pair_fault::evicts;
    static_assert(
        the_window_keeps_all,
        "weir::co_group(second, f): the window has an evictor, which is for the records of one stream");
    constexpr bool f_takes_the_window = fault != pair_fault::f;
    static_assert(f_takes_the_window,
                  "weir::co_group<uid, Out>(second, f): f(window, left, right, emit) cannot be called with a "
                  "keyed_window and the std::vectors of both sides");
    constexpr bool the_stream_owns_its_bytes = fault != pair_fault::left_view;
    static_assert(the_stream_owns_its_bytes,
                  "weir::co_group(second, f): a record of the stream has a std::string_view, which does not "
                  "outlive its batch; map it to one with std::string");
    constexpr bool second_owns_its_bytes = fault != pair_fault::right_view;
    static_assert(
        second_owns_its_bytes,
        "weir::co_group(second, f): a record of second has a std::string_view, which does not outlive "
        "its batch; map it to one with std::string");
  }
};

template <class Out, class Second, class F, class... Options>
constexpr auto make_co_group(Second second, F f, Options...) {
  constexpr bool second_is_an_open_pipeline = is_open_pipeline<Second> || std::same_as<Second, rejected>;
  static_assert(
      second_is_an_open_pipeline,
      "weir::co_group(second, f): second is no open pipeline; begin it with from(source), without into");
  constexpr bool these_are_options = are_join_options<Options...> && (!is_outer_join<Options> && ...);
  static_assert(these_are_options,
                "weir::co_group(second, f, options...): an option is none of late_left_to<name>, "
                "late_right_to<name>, or is there twice");
  if constexpr (is_open_pipeline<Second> && these_are_options)
    return co_group_operator<Second, co_group_of<F, Out>, join_options<Options...>>(std::move(second),
                                                                                    {std::move(f)});
  else
    return rejected{};
}

}  // namespace detail

// An operator that calls f for each window of each key with the records of two streams.
//
// Input      a stream with windows: key_by(f) | window(assigner, options...), and second: a pipeline without sink that has a
//            key of the same type and event time; its records go into the same windows.
//            f(keyed_window<Key> const&, std::vector<L> const& left, std::vector<R> const& right, emit); one of them may be
//            empty. Options: late_left_to<"name">, late_right_to<"name">
// Output     Out, what f emits; without key
// Time       as of window; the watermark is the least of both streams, and the next record comes from the one that is behind.
//            Results carry the window's last instant
// State      the records of each key and window; saved
// Ordering   as of window; left and right are in the order in which they came, in sliding windows slice by slice of their time
// Errors     "weir::co_group(second, f): the stream has no windows; put window(assigner) before it"
//            "weir::co_group(second, f): second has no key; put key_by(f) at its end"
//            "weir::co_group(second, f): late_to of the window is for records of one type; give late_left_to<name> and ..."
// Example    examples/docs/co_group.cpp
// See also   window_join, connect; Flink: CoGroupedStreams
template <class Out, class Second, class F, class... Options>
constexpr auto co_group(Second second, F f, Options... options) {
  return detail::make_co_group<Out>(std::move(second), std::move(f), options...);
}
template <fixed_string Uid, class Out, class Second, class F, class... Options>
constexpr auto co_group(Second second, F f, Options... options) {
  return detail::make_co_group<Out>(std::move(second), std::move(f), options...) | uid<Uid>;
}

}  // namespace weir
