#pragma once

#include <weir/op/windowed/pair_facts.hpp>

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

// Each pair, in the order of the stream; then what has no partner.
template <class F, class L, class R, class Outer>
struct window_join_function {
  using output = joined_t<F, L, R, Outer>;
  F f;

  template <class Window, class Row, class Emit>
  void operator()(Window const&, Row const& r, Emit const& emit) const {
    std::vector<L> const& left = *get_field<3>(r);
    std::vector<R> const& right = *get_field<4>(r);
    for (L const& l : left) {
      for (R const& one : right) emit(call_joined<L, R, Outer>(f, &l, &one));
      if constexpr (Outer::left)
        if (right.empty()) emit(call_joined<L, R, Outer>(f, &l, static_cast<R const*>(nullptr)));
    }
    if constexpr (Outer::right)
      if (left.empty())
        for (R const& one : right) emit(call_joined<L, R, Outer>(f, static_cast<L const*>(nullptr), &one));
  }
};
template <class F, class Outer>
struct window_join_of {
  static constexpr char const* name = "window_join";
  F f;

  template <class, class L, class R>
  static constexpr bool takes = joins<F, L, R, Outer>;
  template <class L, class R>
  using function = window_join_function<F, L, R, Outer>;
  template <class L, class R>
  function<L, R> make() const {
    return {f};
  }
};

template <class Second, class Make, class Options>
struct window_join_operator : window_pair_operator<Second, Make, Options> {
  using base = window_pair_operator<Second, Make, Options>;
  using base::base;

  template <class In>
  static constexpr void explain() {
    constexpr pair_fault fault = base::template fault<In>;
    constexpr bool the_stream_has_windows = fault != pair_fault::no_windows;
    static_assert(the_stream_has_windows,
                  "weir::window_join(second, f): the stream has no windows; put window(assigner) before it");
    constexpr bool the_windows_are_of_event_time = fault != pair_fault::by_clock;
    static_assert(
        the_windows_are_of_event_time,
        "weir::window_join(second, f): windows of two streams are of event time; put assign_timestamps(f, "
        "strategy) before window(assigner), and leave out by_processing_time");
    constexpr bool second_has_a_key = fault != pair_fault::second_key;
    static_assert(second_has_a_key,
                  "weir::window_join(second, f): second has no key; put key_by(f) at its end");
    constexpr bool only_the_stream_has_windows = fault != pair_fault::second_windows;
    static_assert(only_the_stream_has_windows,
                  "weir::window_join(second, f): second has windows of its own; its records go into those of "
                  "the stream: end it in key_by(f)");
    constexpr bool second_has_event_time = fault != pair_fault::second_time;
    static_assert(second_has_event_time,
                  "weir::window_join(second, f): second has no event time; put assign_timestamps(f, strategy) "
                  "into it");
    constexpr bool both_keys_are_of_one_type = fault != pair_fault::two_keys;
    static_assert(both_keys_are_of_one_type,
                  "weir::window_join(second, f): the keys of the two streams are of different types");
    constexpr bool the_window_takes_records_of_second = fault != pair_fault::policies;
    static_assert(the_window_takes_records_of_second,
                  "weir::window_join(second, f): the assigner or the trigger of the window cannot be called "
                  "with records of second");
    constexpr bool late_records_have_one_type = fault != pair_fault::late;
    static_assert(late_records_have_one_type,
                  "weir::window_join(second, f): late_to of the window is for records of one type; give "
                  "late_left_to<name> and late_right_to<name> to window_join");
    constexpr bool records_can_be_copied = fault != pair_fault::only_moved;
    static_assert(records_can_be_copied,
                  "weir::window_join(second, f): a record of the two streams cannot be copied, and so not be "
                  "kept; keep what can only be moved in a std::shared_ptr");
    constexpr bool the_window_keeps_all = fault != pair_fault::evicts;
    static_assert(
        the_window_keeps_all,
        "weir::window_join(second, f): the window has an evictor, which is for the records of one stream");
    constexpr bool f_takes_both_records = fault != pair_fault::f;
    static_assert(f_takes_both_records,
                  "weir::window_join(second, f): f(left, right) cannot be called with records of the two "
                  "streams; a side that may be absent is a pointer");
    constexpr bool the_stream_owns_its_bytes = fault != pair_fault::left_view;
    static_assert(the_stream_owns_its_bytes,
                  "weir::window_join(second, f): a record of the stream has a std::string_view, which does not "
                  "outlive its batch; map it to one with std::string");
    constexpr bool second_owns_its_bytes = fault != pair_fault::right_view;
    static_assert(second_owns_its_bytes,
                  "weir::window_join(second, f): a record of second has a std::string_view, which does not "
                  "outlive its batch; map it to one with std::string");
  }
};

template <class Second, class F, class... Options>
constexpr auto make_window_join(Second second, F f, Options...) {
  constexpr bool second_is_an_open_pipeline = is_open_pipeline<Second> || std::same_as<Second, rejected>;
  static_assert(
      second_is_an_open_pipeline,
      "weir::window_join(second, f): second is no open pipeline; begin it with from(source), without into");
  constexpr bool these_are_options = are_join_options<Options...>;
  static_assert(these_are_options,
                "weir::window_join(second, f, options...): an option is none of left_outer, right_outer, "
                "full_outer, late_left_to<name>, late_right_to<name>, or is there twice");
  if constexpr (is_open_pipeline<Second> && these_are_options) {
    using options = join_options<Options...>;
    return window_join_operator<Second, window_join_of<F, typename options::outer>, options>(std::move(second),
                                                                                             {std::move(f)});
  } else {
    return rejected{};
  }
}

}  // namespace detail

// An operator that joins the records of two streams that have the same key and are in the same window.
//
// Input      a stream with windows: key_by(f) | window(assigner, options...), and second: a pipeline without sink that has a
//            key of the same type and event time; its records go into the same windows. f(left, right) gives a result.
//            Options: left_outer, right_outer or full_outer, late_left_to<"name">, late_right_to<"name">. A side that may be
//            absent is a pointer: f(left const&, right const*) with left_outer
// Output     what f gives, without key: for each pair of a window, and with an outer join for each record that is without the
//            other side there
// Time       as of window; the watermark is the least of both streams, and the next record comes from the one that is behind.
//            Results carry the window's last instant
// State      the records of each key and window; saved
// Ordering   as of window; in it the pairs in the order of the stream, and of second for each
// Errors     "weir::window_join(second, f): the stream has no windows; put window(assigner) before it"
//            "weir::window_join(second, f): second has no key; put key_by(f) at its end"
//            "weir::window_join(second, f): f(left, right) cannot be called with records of the two streams; ..."
// Example    examples/docs/window_join.cpp
// See also   co_group, interval_join; Flink: JoinedStreams
template <class Second, class F, class... Options>
constexpr auto window_join(Second second, F f, Options... options) {
  return detail::make_window_join(std::move(second), std::move(f), options...);
}
template <fixed_string Uid, class Second, class F, class... Options>
constexpr auto window_join(Second second, F f, Options... options) {
  return detail::make_window_join(std::move(second), std::move(f), options...) | uid<Uid>;
}

}  // namespace weir
