#pragma once

#include <weir/error.hpp>
#include <weir/op/keyed/interval_join_function.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/op/keyed/timed_join.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {

// How far a record of second may be from one of the stream to be its partner: its time minus that of the other, both bounds
// inclusive unless said otherwise. Errors: config_error when lower > upper. See also: Flink, IntervalJoin.between
struct between {
  duration lower{};
  duration upper{};
  bool lower_exclusive = false;
  bool upper_exclusive = false;

  // Both can be negated: duration::min() stands for as early as can be.
  constexpr duration first() const {
    duration const l = std::max(lower, -duration::max());
    return lower_exclusive && l < duration::max() ? l + tick : l;
  }
  constexpr duration last() const {
    duration const u = std::max(upper, -duration::max());
    return upper_exclusive && u > -duration::max() ? u - tick : u;
  }
  void check() const {
    if (first() > last())
      throw config_error(
          "weir::between: lower is above upper, so that no two records are partners; give "
          "between{.lower = -5min, .upper = 5min}");
  }
};

namespace detail {

template <class F, class Outer>
struct interval_join_of {
  static constexpr char const* kind = "records of two inputs that are near in time";
  between bounds;
  F f;

  template <class L, class R>
  static constexpr bool takes = joins<F, L, R, Outer>;
  template <class L, class R>
  using function = interval_join_function<L, R, F, Outer>;
  template <class L, class R>
  function<L, R> make() const {
    bounds.check();
    return {bounds.first(), bounds.last(), f};
  }
  // A record at the watermark still finds its partners.
  template <bool Left>
  WEIR_INLINE static bool is_late(event t) {
    return t.at < t.watermark;
  }
  template <class D>
  void describe(D& d) const {
    d.node("interval_join", d.option("lower", bounds.first()), d.option("upper", bounds.last()));
  }
};

template <class Second, class Make, class Options>
struct interval_join_operator : timed_join_operator<Second, Make, Options> {
  using base = timed_join_operator<Second, Make, Options>;
  using base::base;

  template <class In>
  static constexpr void explain() {
    constexpr join_fault fault = base::template fault<In>;
    constexpr bool both_streams_have_a_key = fault != join_fault::key;
    static_assert(
        both_streams_have_a_key,
        "weir::interval_join(second, between, f): a stream has no key; put key_by(f) before it and at "
        "the end of second");
    constexpr bool no_stream_has_windows = fault != join_fault::windows;
    static_assert(no_stream_has_windows,
                  "weir::interval_join(second, between, f): a stream has windows without function; put "
                  "aggregate or reduce behind window(assigner)");
    constexpr bool both_streams_have_event_time = fault != join_fault::time;
    static_assert(both_streams_have_event_time,
                  "weir::interval_join(second, between, f): a stream has no event time; put "
                  "assign_timestamps(f, strategy) into both");
    constexpr bool both_keys_are_of_one_type = fault != join_fault::two_keys;
    static_assert(
        both_keys_are_of_one_type,
        "weir::interval_join(second, between, f): the keys of the two streams are of different types");
    constexpr bool records_can_be_copied = fault != join_fault::only_moved;
    static_assert(records_can_be_copied,
                  "weir::interval_join(second, between, f): a record of the two streams cannot be copied, and "
                  "so not be kept; keep what can only be moved in a std::shared_ptr");
    constexpr bool f_takes_both_records = fault != join_fault::f;
    static_assert(f_takes_both_records,
                  "weir::interval_join(second, between, f): f(left, right) cannot be called with records of "
                  "the two streams; a side that may be absent is a pointer");
    constexpr bool the_stream_owns_its_bytes = fault != join_fault::left_view;
    static_assert(the_stream_owns_its_bytes,
                  "weir::interval_join(second, between, f): a record of the stream has a std::string_view, "
                  "which does not outlive its batch; map it to one with std::string");
    constexpr bool second_owns_its_bytes = fault != join_fault::right_view;
    static_assert(second_owns_its_bytes,
                  "weir::interval_join(second, between, f): a record of second has a std::string_view, "
                  "which does not outlive its batch; map it to one with std::string");
  }
};

template <class Second, class F, class... Options>
constexpr auto make_interval_join(Second second, between bounds, F f, Options...) {
  constexpr bool second_is_an_open_pipeline = is_open_pipeline<Second> || std::same_as<Second, rejected>;
  static_assert(second_is_an_open_pipeline,
                "weir::interval_join(second, between, f): second is no open pipeline; begin it with "
                "from(source), without into");
  constexpr bool these_are_options = are_join_options<Options...>;
  static_assert(these_are_options,
                "weir::interval_join(second, between, f, options...): an option is none of left_outer, "
                "right_outer, full_outer, late_left_to<name>, late_right_to<name>, or is there twice");
  if constexpr (is_open_pipeline<Second> && these_are_options) {
    using options = join_options<Options...>;
    using make = interval_join_of<F, typename options::outer>;
    return interval_join_operator<Second, make, options>(std::move(second), make{bounds, std::move(f)});
  } else {
    return rejected{};
  }
}

}  // namespace detail

// An operator that joins the records of two streams that have the same key and are near in time.
//
// Input      a stream with key and event time, and second: a pipeline without sink with a key of the same type and event
//            time; between{.lower, .upper}: how much later than a record of the stream its partners of second are;
//            f(left, right) gives a result; options: left_outer, right_outer or full_outer, late_left_to<"name">,
//            late_right_to<"name">. A side that may be absent is a pointer: f(left const&, right const*) with left_outer
// Output     what f gives, without key: once for each pair
// Time       a result carries the later of both times. A record is late when its time is before the watermark, which is the
//            least of both; it is counted and dropped, or goes to the side output. A record without partner is given when
//            none can come any more, with that time: the first tick at which the watermark says so
// State      for each key the records of both sides that may still find partners: between the watermark and it, upper for the
//            stream and -lower for second; without an outer join they stay up to four times as long as they have to. Saved
// Ordering   the partners of a record in order of their time; those of one time in the order in which they came
// Errors     "weir::interval_join(second, between, f): a stream has no key; put key_by(f) before it and at the end of second"
//            "weir::interval_join(second, between, f): a stream has no event time; put assign_timestamps ... into both"
//            "weir::interval_join(second, between, f): f(left, right) cannot be called with records of the two streams; ..."
//            config_error at the start of the run, when lower is above upper
// Example    examples/docs/interval_join.cpp
// See also   connect; Flink: KeyedStream.intervalJoin; Dataflow's and SQL's join with time bounds
template <class Second, class F, class... Options>
constexpr auto interval_join(Second second, between bounds, F f, Options... options) {
  return detail::make_interval_join(std::move(second), bounds, std::move(f), options...);
}
template <fixed_string Uid, class Second, class F, class... Options>
constexpr auto interval_join(Second second, between bounds, F f, Options... options) {
  return detail::make_interval_join(std::move(second), bounds, std::move(f), options...) | uid<Uid>;
}

}  // namespace weir
