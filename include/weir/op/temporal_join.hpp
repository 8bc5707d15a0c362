#pragma once

#include <weir/op/keyed/join_facts.hpp>
#include <weir/op/keyed/temporal_join_function.hpp>
#include <weir/op/keyed/timed_join.hpp>

#include <concepts>
#include <utility>

namespace weir {
namespace detail {

template <class F, class Outer>
struct temporal_join_of {
  static constexpr char const* kind = "records that meet versions";
  F f;

  template <class L, class R>
  static constexpr bool takes = joins<F, L, typename version_of<R>::type, Outer>;
  template <class L, class R>
  using function = temporal_join_function<L, R, F, Outer>;
  template <class L, class R>
  function<L, R> make() const {
    return {f};
  }
  // The version that was valid at a time at or before the watermark may be forgotten. A version is never too late to be met by
  // what is still to come.
  template <bool Left>
  WEIR_INLINE static bool is_late(event t) {
    return Left && t.at <= t.watermark;
  }
  template <class D>
  void describe(D& d) const {
    d.node("temporal_join");
  }
};

template <class Second, class Make, class Options>
struct temporal_join_operator : timed_join_operator<Second, Make, Options> {
  using base = timed_join_operator<Second, Make, Options>;
  using base::base;

  template <class In>
  static constexpr void explain() {
    constexpr join_fault fault = base::template fault<In>;
    constexpr bool both_streams_have_a_key = fault != join_fault::key;
    static_assert(
        both_streams_have_a_key,
        "weir::temporal_join(versions, f): a stream has no key; put key_by(f) before it and at the end "
        "of versions");
    constexpr bool no_stream_has_windows = fault != join_fault::windows;
    static_assert(no_stream_has_windows,
                  "weir::temporal_join(versions, f): a stream has windows without function; put aggregate or "
                  "reduce behind window(assigner)");
    constexpr bool both_streams_have_event_time = fault != join_fault::time;
    static_assert(both_streams_have_event_time,
                  "weir::temporal_join(versions, f): a stream has no event time; put assign_timestamps(f, "
                  "strategy) into both");
    constexpr bool both_keys_are_of_one_type = fault != join_fault::two_keys;
    static_assert(both_keys_are_of_one_type,
                  "weir::temporal_join(versions, f): the keys of the two streams are of different types");
    constexpr bool records_can_be_copied = fault != join_fault::only_moved;
    static_assert(records_can_be_copied,
                  "weir::temporal_join(versions, f): a record of the two streams cannot be copied, and so not "
                  "be kept; keep what can only be moved in a std::shared_ptr");
    constexpr bool f_takes_both_records = fault != join_fault::f;
    static_assert(
        f_takes_both_records,
        "weir::temporal_join(versions, f): f(record, version) cannot be called with records of the two "
        "streams; with left_outer the version is a pointer");
    constexpr bool the_stream_owns_its_bytes = fault != join_fault::left_view;
    static_assert(the_stream_owns_its_bytes,
                  "weir::temporal_join(versions, f): a record of the stream has a std::string_view, which does "
                  "not outlive its batch; map it to one with std::string");
    constexpr bool versions_own_their_bytes = fault != join_fault::right_view;
    static_assert(versions_own_their_bytes,
                  "weir::temporal_join(versions, f): a version has a std::string_view, which does not outlive "
                  "its batch; map it to one with std::string");
  }
};

template <class Second, class F, class... Options>
constexpr auto make_temporal_join(Second versions, F f, Options...) {
  constexpr bool versions_is_an_open_pipeline = is_open_pipeline<Second> || std::same_as<Second, rejected>;
  static_assert(versions_is_an_open_pipeline,
                "weir::temporal_join(versions, f): versions is no open pipeline; begin it with from(source), "
                "without into");
  using options = join_options<Options...>;
  constexpr bool these_are_options =
      are_join_options<Options...> && !options::outer::right && options::late_right.empty();
  static_assert(these_are_options,
                "weir::temporal_join(versions, f, options...): an option is none of left_outer, "
                "late_left_to<name>, or is there twice");
  if constexpr (is_open_pipeline<Second> && these_are_options) {
    using make = temporal_join_of<F, typename options::outer>;
    return temporal_join_operator<Second, make, options>(std::move(versions), make{std::move(f)});
  } else {
    return rejected{};
  }
}

}  // namespace detail

// An operator that joins each record with the version of its key that was valid at its time.
//
// Input      a stream with key and event time, and versions: a pipeline without sink with a key of the same type and event
//            time. Each of its records is valid from its time until the next of its key; a change<R> that erases ends it.
//            f(record, version) gives a result; options: left_outer (f gets a pointer to the version), late_left_to<"name">
// Output     what f gives, without key: for each record at most once
// Time       a record is given, with its own time, when the watermark reaches it: the least of both streams. One at or before
//            the watermark is late: counted and dropped, or on the side output. A version is never late, but changes nothing
//            that has been given
// State      for each key the records that wait, and the versions that they may meet: of those up to the watermark the last,
//            which stays until an erase; an erase is forgotten when the watermark has passed it. Saved
// Ordering   in order of time; those of one key and time in the order in which they came. Of two versions of one time the later
//            one is valid
// Errors     "weir::temporal_join(versions, f): a stream has no key; put key_by(f) before it and at the end of versions"
//            "weir::temporal_join(versions, f): f(record, version) cannot be called with records of the two streams; ..."
// Example    examples/docs/temporal_join.cpp
// See also   interval_join, connect; Flink: SQL, FOR SYSTEM_TIME AS OF
template <class Second, class F, class... Options>
constexpr auto temporal_join(Second versions, F f, Options... options) {
  return detail::make_temporal_join(std::move(versions), std::move(f), options...);
}
template <fixed_string Uid, class Second, class F, class... Options>
constexpr auto temporal_join(Second versions, F f, Options... options) {
  return detail::make_temporal_join(std::move(versions), std::move(f), options...) | uid<Uid>;
}

}  // namespace weir
