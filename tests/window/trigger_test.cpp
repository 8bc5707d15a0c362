// Triggers and assigners by hand: what fires when, what is kept, and when a window is gone.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace trigger_test {

struct word {
  std::string text;
  int n;
};
using lines = std::vector<std::string>;
using weir::trigger_result;

template <class... Window>
auto summing(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) |
         weir::aggregate(weir::count(), weir::sum(&word::n)) | weir::uid<"w">;
}
// "key [start, end) count/sum", in seconds.
std::vector<std::string> rows(auto& driver) {
  std::vector<std::string> all;
  for (auto const& [row, when] : driver.take()) {
    CHECK(when == row["window_end"_c] - weir::tick);
    all.push_back(fmt::format("{} [{}, {}) {}/{}", row["key"_c], weir::ticks(row["window_start"_c]) / 1'000'000,
                              weir::ticks(row["window_end"_c]) / 1'000'000, row["count"_c], row["sum"_c]));
  }
  return all;
}

// Fires at the window's end with what came since the last gap of `pause` in event time; a timer tells that there was one.
struct after_pause {
  struct state_type {
    weir::timestamp last = weir::min_time;
    int pauses = 0;
  };
  using state = state_type;
  weir::duration pause{};

  template <class C>
  trigger_result on_element(word const&, C& context) const {
    state& s = context.state();
    if (s.last != weir::min_time) context.delete_timer(s.last + pause);
    s.last = std::max(s.last, context.time());
    context.set_timer(s.last + pause);
    return trigger_result::proceed;
  }
  template <class C>
  trigger_result on_event_time(weir::timestamp, C& context) const {
    return ++context.state().pauses < 3 ? trigger_result::fire : trigger_result::purge;
  }
};

// Forgets everything with each record of n < 0, and fires with each of n > 100; counts both.
struct on_demand {
  using state = std::int64_t;
  template <class C>
  trigger_result on_element(word const& w, C& context) const {
    if (w.n < 0) return ++context.state(), trigger_result::purge;
    if (w.n > 100) return ++context.state(), trigger_result::fire;
    return context.state() > 3 ? trigger_result::fire_and_purge : trigger_result::proceed;
  }
  template <class C>
  trigger_result on_event_time(weir::timestamp, C&) const {
    return trigger_result::fire;
  }
  template <class C>
  void on_merge(state const& absorbed, C& context) const {
    context.state() += absorbed;
  }
};

// Sets the timers that the record says, in seconds, and fires with each of them.
struct alarms {
  template <class C>
  trigger_result on_element(word const& w, C& context) const {
    context.set_timer(at(1s * w.n));
    return trigger_result::proceed;
  }
  template <class C>
  trigger_result on_event_time(weir::timestamp when, C& context) const {
    CHECK(context.time() == when);
    CHECK(context.watermark() >= when);
    return trigger_result::fire;
  }
};

// The default by another name, so that it is kept in the general store; its state has no codec.
struct as_ever : weir::event_time_trigger {
  struct state {
    int unused = 0;
  };
};

// A record is in the window of its ten seconds and in that of its minute; with n == 0 in none.
struct small_and_large {
  static constexpr bool merging = false;
  template <class Emit>
  void assign(word const& w, weir::timestamp t, Emit const& emit) const {
    if (w.n == 0) return;
    for (weir::duration const size : {10s, 60s}) {
      weir::timestamp const start = weir::floor_to(t, size);
      emit(weir::time_window{start, start + size});
    }
  }
  void check() const {}
};
// Sessions whose gap the record says, in seconds.
struct own_gap {
  static constexpr bool merging = true;
  template <class Emit>
  void assign(word const& w, weir::timestamp t, Emit const& emit) const {
    emit(weir::time_window{t, t + 1s * w.n});
  }
  void check() const {}
};

}  // namespace trigger_test

BOOST_HANA_ADAPT_STRUCT(trigger_test::after_pause::state_type, last, pauses);

namespace trigger_test {

static_assert(weir::trigger<weir::event_time_trigger, word> && weir::merging_trigger<weir::event_time_trigger>);
static_assert(weir::trigger<weir::count_trigger, word> && weir::merging_trigger<weir::count_trigger>);
static_assert(weir::trigger<weir::continuous_event_time_trigger, word>);
static_assert(weir::merging_trigger<weir::continuous_event_time_trigger>);
static_assert(weir::trigger<weir::never_trigger, word> && weir::merging_trigger<weir::never_trigger>);
static_assert(weir::trigger<weir::purging<weir::count_trigger>, word>);
static_assert(weir::merging_trigger<weir::purging<weir::count_trigger>>);
static_assert(weir::trigger<after_pause, word> && !weir::trigger<after_pause, int>);
static_assert(!weir::merging_trigger<after_pause> && !weir::merging_trigger<weir::purging<after_pause>>);
static_assert(!weir::trigger<weir::purging<after_pause>, int> && !weir::trigger<weir::allowed_lateness, word>);
static_assert(weir::window_assigner<small_and_large, word> && !weir::window_assigner<small_and_large, int>);
using keyed = weir::output_of<decltype(weir::key_by(&word::text)), weir::stream<word, true>>;
template <class... W>
inline constexpr bool accepted = weir::accepts<decltype(weir::window(std::declval<W>()...)), keyed>;
static_assert(accepted<weir::tumbling_windows, after_pause> && !accepted<weir::session_windows, after_pause>);
static_assert(accepted<own_gap, on_demand> && !accepted<own_gap, after_pause> && accepted<own_gap>);

TEST_CASE("count_trigger: each n-th record of a window, with all that it holds or what is new") {
  auto const feed = [](auto&& t) {
    for (int n : {1, 2, 3, 4, 5}) t.push({"a", n}, at(1s * n));
    t.push({"b", 1}, at(1s));
    t.push({"a", 10}, at(12s));
    t.finish();
    return rows(t);
  };
  auto const tumbling = weir::tumbling_windows{10s};
  CHECK(feed(weir::testing::test_driver<word>(summing(tumbling, weir::count_trigger{2}))) ==
        lines{"a [0, 10) 2/3", "a [0, 10) 4/10"});
  CHECK(feed(weir::testing::test_driver<word>(summing(tumbling, weir::purging(weir::count_trigger{2})))) ==
        lines{"a [0, 10) 2/3", "a [0, 10) 2/7"});
}

TEST_CASE("windows that merge add up what count_trigger has counted") {
  auto t = weir::testing::test_driver<word>(summing(weir::session_windows{10s}, weir::count_trigger{4}));
  t.push({"a", 1}, at(0s));
  t.push({"a", 1}, at(1s));
  t.push({"a", 1}, at(20s));
  CHECK(rows(t).empty());
  t.push({"a", 1}, at(10s));  // joins both: the fourth
  CHECK(rows(t) == lines{"a [0, 30) 4/4"});
  t.push({"a", 1}, at(2s));
  t.finish();
  CHECK(rows(t).empty());
}

TEST_CASE(
    "continuous_event_time_trigger: multiples of every behind the first record, and the window's last "
    "instant") {
  auto t = weir::testing::test_driver<word>(summing(weir::tumbling_windows{60s}, weir::allowed_lateness{30s},
                                                    weir::continuous_event_time_trigger{20s}));
  t.push({"a", 1}, at(25s));
  t.watermark(at(40s) - weir::tick);
  CHECK(rows(t).empty());
  t.watermark(at(40s));
  CHECK(rows(t) == lines{"a [0, 60) 1/1"});
  t.push({"a", 2}, at(41s));
  t.push({"b", 7}, at(41s));
  t.watermark(at(59s));
  CHECK(rows(t).empty());
  t.watermark(at(60s) - weir::tick);
  CHECK(rows(t) == lines{"a [0, 60) 2/3", "b [0, 60) 1/7"});
  t.watermark(at(61s));
  CHECK(rows(t).empty());
  t.push({"a", 3}, at(30s));  // behind the end and not gone: at once
  CHECK(rows(t) == lines{"a [0, 60) 3/6"});
  t.watermark(at(90s) - weir::tick);
  t.push({"a", 3}, at(30s));
  t.finish();
  CHECK(rows(t).empty());
  CHECK(t.count("w", "late") == 1);
}

TEST_CASE("continuous_event_time_trigger: once for each multiple that the watermark jumps over") {
  // [0, 60): at 40 (and 20, for the first of b), and at its last instant; whether it gets there in steps or in one.
  auto const last_step = [](std::vector<weir::timestamp> const& steps) {
    auto t = weir::testing::test_driver<word>(
        summing(weir::tumbling_windows{60s}, weir::continuous_event_time_trigger{20s}));
    t.push({"a", 1}, at(25s));
    t.push({"b", 2}, at(5s));
    for (weir::timestamp const w : steps) t.watermark(w);
    t.finish();
    return rows(t);
  };
  lines const all = last_step({at(20s), at(40s), at(60s)});
  CHECK(all.size() == 5);
  CHECK(std::ranges::count(all, "a [0, 60) 1/1") == 2);
  CHECK(std::ranges::count(all, "b [0, 60) 1/2") == 3);
  CHECK(last_step({at(45s)}) == all);
  CHECK(last_step({at(61s)}) == all);
  CHECK(last_step({at(600s)}) == all);
  CHECK(last_step({}) == all);
}

struct all_of_time {
  static constexpr bool merging = false;
  template <class V, class Emit>
  void assign(V const&, weir::timestamp, Emit const& emit) const {
    emit(weir::time_window{weir::min_time, weir::max_time});
  }
  void check() const {}
};

TEST_CASE("continuous_event_time_trigger: a window without end ends with the input") {
  auto t = weir::testing::test_driver<word>(summing(all_of_time{}, weir::continuous_event_time_trigger{20s}));
  t.push({"a", 1}, at(25s));
  t.watermark(at(61s));
  CHECK(rows(t).size() == 2);  // at 40 and 60
  t.finish();
  CHECK(rows(t).size() == 2);  // at 80, and the last instant of time
}

TEST_CASE("continuous_event_time_trigger: the multiples stay where they are when windows merge") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::session_windows{10s}, weir::continuous_event_time_trigger{8s}));
  t.push({"a", 1}, at(3s));   // [3, 13): at 8
  t.push({"a", 1}, at(20s));  // [20, 30): at 24
  t.watermark(at(7s));
  t.push({"a", 1}, at(12s));  // [3, 30): at 8, 16, 24
  CHECK(rows(t).empty());
  t.watermark(at(8s));
  CHECK(rows(t) == lines{"a [3, 30) 3/3"});
  t.watermark(at(15s));
  CHECK(rows(t).empty());
  t.watermark(at(24s));
  CHECK(rows(t) == lines{"a [3, 30) 3/3", "a [3, 30) 3/3"});
  t.watermark(at(29s));
  CHECK(rows(t).empty());
  t.watermark(at(31s));
  CHECK(rows(t) == lines{"a [3, 30) 3/3"});
}

TEST_CASE("purging keeps nothing for a late record's result but the record") {
  auto t = weir::testing::test_driver<word>(summing(weir::tumbling_windows{10s}, weir::allowed_lateness{10s},
                                                    weir::purging(weir::event_time_trigger{})));
  t.push({"a", 1}, at(1s));
  t.watermark(at(12s));
  CHECK(rows(t) == lines{"a [0, 10) 1/1"});
  t.push({"a", 2}, at(2s));
  CHECK(rows(t) == lines{"a [0, 10) 1/2"});
  t.push({"a", 4}, at(2s));
  CHECK(rows(t) == lines{"a [0, 10) 1/4"});
}

TEST_CASE("never_trigger never fires") {
  auto t = weir::testing::test_driver<word>(summing(weir::session_windows{10s}, weir::never_trigger{}));
  t.push({"a", 1}, at(1s));
  t.push({"a", 1}, at(9s));
  t.finish();
  CHECK(rows(t).empty());
}

TEST_CASE("a purged window goes on: its state stays, it merges, and without records it gives nothing") {
  auto t = weir::testing::test_driver<word>(summing(weir::session_windows{10s}, on_demand{}));
  t.push({"a", 1}, at(0s));
  t.push({"a", -1}, at(1s));  // forgets both
  t.push({"a", 200}, at(2s));
  CHECK(rows(t) == lines{"a [0, 12) 1/200"});
  t.push({"a", 300}, at(30s));
  t.push({"a", -1}, at(31s));
  CHECK(rows(t) == lines{"a [30, 40) 1/300"});
  t.push({"a", 5}, at(12s));  // touches the first
  t.push({"a", 6}, at(22s));  // touches what it has become, and the second, which holds nothing: state 2 + 2
  CHECK(rows(t) == lines{"a [0, 41) 3/211"});
  t.push({"a", 7}, at(22s));
  CHECK(rows(t) == lines{"a [0, 41) 1/7"});
}

TEST_CASE(
    "a trigger's timers: behind the watermark at the next advance, before the end of the window's life, not "
    "after") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::tumbling_windows{10s}, weir::allowed_lateness{10s}, alarms{}));
  t.watermark(at(5s));
  t.push({"a", 3}, at(6s));
  t.push({"a", 3}, at(6s));  // a set
  CHECK(rows(t).empty());
  t.watermark(at(5s));
  CHECK(rows(t).empty());
  t.watermark(at(5s) + weir::tick);
  CHECK(rows(t) == lines{"a [0, 10) 2/6"});
  t.push({"a", 8}, at(6s));
  t.push({"b", 30}, at(6s));  // when the window is gone
  t.watermark(at(15s));
  CHECK(rows(t) == lines{"a [0, 10) 3/14"});
  auto exact = weir::testing::test_driver<word>(
      summing(weir::tumbling_windows{10s + weir::tick}, weir::allowed_lateness{10s}, alarms{}));
  exact.push({"a", 20}, at(6s));  // the very instant at which the window is gone
  exact.watermark(at(25s));
  CHECK(exact.take().size() == 1);
  t.finish();
  CHECK(rows(t).empty());
}

TEST_CASE("a trigger of one's own: state and timers for each window, and a snapshot after every record") {
  auto const chain = summing(weir::tumbling_windows{100s}, after_pause{5s});
  struct entry {
    word w;
    weir::timestamp when;
  };
  std::vector<entry> const in{{{"a", 1}, at(1s)},   {{"b", 1}, at(3s)},   {{"a", 2}, at(5s)},
                              {{"a", 4}, at(20s)},  {{"a", 8}, at(40s)},  {{"b", 2}, at(60s)},
                              {{"a", 16}, at(90s)}, {{"a", 32}, at(130s)}};
  // The watermark follows behind each record, so that a pause is seen when the record after it has come.
  lines const want{"b [0, 100) 1/1", "a [0, 100) 4/15", "b [0, 100) 2/3", "a [0, 100) 5/31",
                   "a [100, 200) 1/32"};
  {
    auto t = weir::testing::test_driver<word>(chain);
    for (auto const& [w, when] : in) t.push(w, when), t.watermark(when);
    t.finish();
    CHECK(rows(t) == want);
  }
  lines got;
  std::string bytes = weir::testing::test_driver<word>(chain).snapshot();
  for (auto const& [w, when] : in) {
    auto t = weir::testing::test_driver<word>(chain, bytes);
    t.push(w, when);
    std::string const before = t.snapshot();
    CHECK(weir::testing::test_driver<word>(chain, before).snapshot() == before);
    auto after = weir::testing::test_driver<word>(chain, before);
    after.watermark(when);
    std::ranges::move(rows(after), std::back_inserter(got));
    bytes = after.snapshot();
  }
  auto t = weir::testing::test_driver<word>(chain, bytes);
  t.finish();
  std::ranges::move(rows(t), std::back_inserter(got));
  CHECK(got == want);
}

TEST_CASE("an assigner of one's own: late only when all windows are gone, counted once") {
  auto t = weir::testing::test_driver<word>(summing(small_and_large{}, weir::late_to<"late">));
  t.push({"a", 1}, at(5s));
  t.push({"a", 0}, at(5s));  // in no window: not late
  t.watermark(at(15s));
  CHECK(rows(t) == lines{"a [0, 10) 1/1"});
  t.push({"a", 2}, at(6s));  // the minute is not gone
  t.push({"a", 4}, at(16s));
  t.watermark(at(59s));
  CHECK(rows(t) == lines{"a [10, 20) 1/4"});
  t.watermark(at(60s));
  CHECK(rows(t) == lines{"a [0, 60) 3/7"});
  t.push({"a", 8}, at(6s));
  t.push({"a", 0}, at(6s));
  CHECK(t.take_side<"late">().size() == 1);
  CHECK(t.count("w", "late") == 1);
  t.finish();
  CHECK(rows(t).empty());
}

TEST_CASE("an assigner of one's own that merges: merging comes before the test of lateness") {
  auto t = weir::testing::test_driver<word>(summing(own_gap{}));
  t.push({"a", 50}, at(0s));
  t.watermark(at(30s));
  t.push({"a", 5}, at(1s));     // inside
  t.push({"a", 10}, at(-10s));  // touches
  t.push({"a", 5}, at(-20s));   // apart, and gone
  t.push({"b", 20}, at(12s));
  t.finish();
  CHECK(rows(t) == lines{"b [12, 32) 1/20", "a [-10, 50) 3/65"});
  CHECK(t.count("w", "late") == 1);
}

TEST_CASE("reduce behind a window that is purged") {
  auto const larger = [](word a, word const& b) { return b.n > a.n ? b : a; };
  auto t = weir::testing::test_driver<word>(
      weir::key_by(&word::text) |
      weir::window(weir::tumbling_windows{10s}, weir::purging(weir::count_trigger{2})) | weir::reduce(larger) |
      weir::map([](auto const& w) { return w["value"_c].n; }));
  for (int n : {9, 1, 2, 3, 7}) t.push({"a", n}, at(1s));
  t.finish();
  std::vector<int> all;
  for (auto const& r : t.take()) all.push_back(r.value);
  CHECK(all == std::vector{9, 3});
}

TEST_CASE("policies that cannot work are refused before anything runs, and so is a window without end") {
  auto const refused = [](auto const& chain, std::string const& text) {
    try {
      weir::testing::test_driver<word>(chain);
      FAIL("accepted");
    } catch (weir::config_error const& e) {
      CHECK_THAT(std::string(e.what()), weir_test::contains(text));
    }
  };
  auto const tumbling = weir::tumbling_windows{10s};
  refused(summing(tumbling, weir::count_trigger{}), "weir::count_trigger: ");
  refused(summing(tumbling, weir::purging(weir::count_trigger{-1})), "weir::count_trigger: ");
  refused(summing(tumbling, weir::continuous_event_time_trigger{}), "weir::continuous_event_time_trigger: ");
  refused(summing(weir::tumbling_windows{}, weir::count_trigger{1}), "weir::tumbling_windows: ");
  auto t = weir::testing::test_driver<word>(summing(own_gap{}));
  CHECK_THROWS_AS(t.push({"a", 0}, at(1s)), weir::config_error);
}

TEST_CASE("windows of the general store at the ends of what timestamps can say") {
  weir::timestamp const first = weir::min_time + weir::tick, last = weir::max_time - weir::tick;
  auto const counted = [](weir::timestamp when, auto... window) {
    std::vector<weir::timestamp> const in{when, when};
    std::int64_t n = 0;
    weir::run(weir::from(in) |
              weir::assign_timestamps([](weir::timestamp t) { return t; }, weir::monotonous_timestamps{}) |
              weir::key_by([](weir::timestamp) { return 0; }) | weir::window(window...) |
              weir::aggregate(weir::count()) | weir::map([](auto const& w) { return w["count"_c]; }) |
              weir::into([&n](std::int64_t c) { n += c; }));
    return n;
  };
  for (weir::timestamp const when : {first, first + 1h, at(0s), last - 1h, last}) {
    CAPTURE(when);
    CHECK(counted(when, weir::tumbling_windows{10s, 3s}, as_ever{}) == 2);
    CHECK(counted(when, weir::tumbling_windows{10s, 3s}, as_ever{}, weir::allowed_lateness{1h}) == 2);
    CHECK(counted(when, weir::sliding_windows{10s, 5s}, as_ever{}) == 4);
    CHECK(counted(when, weir::session_windows{10s}, as_ever{}) == 2);
    CHECK(counted(when, weir::session_windows{10s}, as_ever{}, weir::allowed_lateness{1h}) == 2);
    CHECK(counted(when, weir::tumbling_windows{10s}, weir::continuous_event_time_trigger{20s}) == 2);
    CHECK(counted(when, weir::tumbling_windows{10s}, weir::count_trigger{2}) == 2);
  }
}

TEST_CASE("describe shows a trigger that is not the default") {
  CHECK(weir::describe(weir::window(weir::tumbling_windows{10min}, weir::event_time_trigger{})) ==
        "window(tumbling_windows 10min)\n");
  CHECK(weir::describe(weir::window(weir::sliding_windows{10min, 5min}, weir::purging(weir::count_trigger{3}),
                                    weir::allowed_lateness{1s})) ==
        "window(sliding_windows 10min every 5min, purging count_trigger 3, allowed_lateness 1s)\n");
  CHECK(weir::describe(weir::window(small_and_large{}, weir::continuous_event_time_trigger{90s})) ==
        "window(small_and_large, continuous_event_time_trigger 90s)\n");
}

TEST_CASE("the state of a trigger is part of what is saved") {
  weir_test::temp_directory folder;
  std::vector<word> const in{{"a", 1}, {"a", 2}};
  auto const run = [&](auto trigger) {
    weir::run(weir::from(in, weir::uid<"in">) |
                  weir::assign_timestamps([](word const&) { return at(1s); }, weir::monotonous_timestamps{}) |
                  summing(weir::tumbling_windows{10s}, trigger) |
                  weir::into([](auto const&) {}, weir::uid<"out">),
              weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once);
  };
  run(after_pause{1s});
  CHECK_THROWS_AS(run(weir::count_trigger{2}), weir::restore_error);
}

}  // namespace trigger_test
