#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/two_inputs.hpp>
#include <weir/core/uid.hpp>
#include <weir/error.hpp>
#include <weir/op/keyed/interval_join_stage.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/time.hpp>

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

  constexpr duration first() const { return lower_exclusive ? lower + tick : lower; }
  constexpr duration last() const { return upper_exclusive ? upper - tick : upper; }
  void check() const {
    if (first() > last())
      throw config_error(
          "weir::between: lower is above upper, so that no two records are partners; give "
          "between{.lower = -5min, .upper = 5min}");
  }
};

namespace detail {

template <class Second, class F, class... Options>
struct interval_join_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  using second_stream = typename Second::out;
  using options = join_options<Options...>;
  using right = typename second_stream::value;
  Second second;
  between bounds;
  F f;
  constexpr interval_join_operator(Second s, between b, F fn)
      : second(std::move(s)), bounds(b), f(std::move(fn)) {}

  template <class In>
  static constexpr bool have_keys = In::keyed && second_stream::keyed;
  template <class In>
  static constexpr bool have_time = In::timed && second_stream::timed;
  template <class In>
  static constexpr bool have_one_key = [] {
    if constexpr (have_keys<In>)
      return std::same_as<process_key<none, In>, process_key<none, second_stream>>;
    else
      return true;
  }();
  template <class In>
  static constexpr bool f_joins = joins<F, typename In::value, right, typename options::outer>;
  template <class In>
  using left_view = view_in<typename In::value>;
  using right_view = view_in<right>;
  template <class In>
  static constexpr bool accepts = have_keys<In> && have_time<In> && have_one_key<In> && f_joins<In> &&
                                  left_view<In>::owns_its_bytes && right_view::owns_its_bytes;
  template <class In>
  using function = interval_join_function<typename In::value, right, F, typename options::outer>;

  template <class In>
  using joined = with_value<with_side_outputs_of<In, second_stream>, typename function<In>::output>;
  template <class In>
  using output = with_late_side<with_late_side<joined<In>, options::late_left, typename In::value>,
                                options::late_right, right>;
  template <class In>
  static constexpr void explain() {
    constexpr bool both_streams_have_a_key = have_keys<In>;
    static_assert(
        both_streams_have_a_key,
        "weir::interval_join(second, between, f): a stream has no key; put key_by(f) before it and at "
        "the end of second");
    constexpr bool both_streams_have_event_time = have_time<In>;
    static_assert(both_streams_have_event_time || !both_streams_have_a_key,
                  "weir::interval_join(second, between, f): a stream has no event time; put "
                  "assign_timestamps(f, strategy) into both");
    constexpr bool both_keys_are_of_one_type = have_one_key<In>;
    static_assert(
        both_keys_are_of_one_type,
        "weir::interval_join(second, between, f): the keys of the two streams are of different types");
    if constexpr (both_streams_have_a_key && both_streams_have_event_time && both_keys_are_of_one_type) {
      constexpr bool f_takes_both_records = f_joins<In>;
      static_assert(f_takes_both_records,
                    "weir::interval_join(second, between, f): f(left, right) cannot be called with records of "
                    "the two streams; a side that may be absent is a pointer");
      if constexpr (f_takes_both_records) {
        static_assert(left_view<In>::owns_its_bytes,
                      "weir::interval_join(second, between, f): a record of the stream has a std::string_view, "
                      "which does not outlive its batch; map it to one with std::string");
        static_assert(right_view::owns_its_bytes,
                      "weir::interval_join(second, between, f): a record of second has a std::string_view, "
                      "which does not outlive its batch; map it to one with std::string");
      }
    }
  }
  template <class In, class Names>
  using parts = concat_parts<parts_of_second<Second, Names>,
                             part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true,
                                            process_storable<function<In>, In>>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    bounds.check();
    auto const make_next = [&] { return rest(env.unkeyed()); };
    auto const make_core = [&] {
      return interval_join_stage<typename In::value, typename In::key_fn, function<In>, options,
                                 full_uid<Env::scope, Env::uid>, typename Env::runtime_type,
                                 decltype(make_next())>(env, function<In>{bounds.first(), bounds.last(), f},
                                                        make_next);
    };
    return attach_two_inputs<In, false>(second, env, make_core);
  }
  template <class D>
  void describe(D& d) const {
    d.node("interval_join", d.option("lower", bounds.first()), d.option("upper", bounds.last()));
    d.arm(second);
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
  if constexpr (is_open_pipeline<Second> && these_are_options)
    return interval_join_operator<Second, F, Options...>(std::move(second), bounds, std::move(f));
  else
    return rejected{};
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
//            stream and -lower for second; saved
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
