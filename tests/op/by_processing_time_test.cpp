// Windows by the clock: by hand, beside a naive oracle, restored between any two steps, on streams with and without event time.
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace by_processing_time_test {
struct word {
  std::string text;
  int n;
};
}  // namespace by_processing_time_test
BOOST_HANA_ADAPT_STRUCT(by_processing_time_test::word, text, n);

namespace by_processing_time_test {

using i64 = std::int64_t;
using lines = std::vector<std::string>;

// Of a stream without event time.
template <class Assigner, class... Option>
auto summing(Assigner windows, Option... option) {
  return weir::key_by(&word::text) | weir::window(weir::by_processing_time(windows), option...) |
         weir::aggregate(weir::count(), weir::sum(&word::n)) | weir::uid<"w">;
}
template <class Chain>
auto driver_of(Chain const& chain) {
  return std::make_unique<decltype(weir::testing::test_driver<word, weir::untimed>(chain))>(chain);
}
template <class Row>
std::string line_of(Row const& row) {
  return fmt::format("{} [{}, {}) {}/{}", row["key"_c], weir::ticks(row["window_start"_c]) / 1'000'000,
                     weir::ticks(row["window_end"_c]) / 1'000'000, row["count"_c], row["sum"_c]);
}
lines rows(auto& driver) {
  lines all;
  for (auto const& [row, when] : driver.take()) {
    CHECK(when == row["window_end"_c] - weir::tick);
    all.push_back(line_of(row));
  }
  return all;
}
lines in_order(lines all) {
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("by_processing_time: a record is in the window of the time at which it comes") {
  auto t = weir::testing::test_driver<word, weir::untimed>(summing(weir::tumbling_windows{10s}));
  t.processing_time(at(5s));
  t.push({"a", 1});
  t.processing_time(at(10s) - weir::tick);
  t.push({"a", 2});
  CHECK(rows(t).empty());
  t.processing_time(at(10s));
  CHECK(rows(t) == lines{"a [0, 10) 2/3"});
  t.push({"a", 4});
  t.push({"b", 8});
  t.processing_time(at(45s));
  CHECK(in_order(rows(t)) == lines{"a [10, 20) 1/4", "b [10, 20) 1/8"});
  t.push({"b", 16});
  CHECK(rows(t).empty());
  t.finish();  // what is open at the end of the input fires
  CHECK(rows(t) == lines{"b [40, 50) 1/16"});
}

TEST_CASE("by_processing_time: after a restart what is overdue fires at once, in order, before what comes") {
  auto const chain = summing(weir::sliding_windows{20s, 10s});
  auto t = weir::testing::test_driver<word, weir::untimed>(chain);
  t.processing_time(at(5s)), t.push({"a", 1});
  t.processing_time(at(12s)), t.push({"a", 2});
  CHECK(rows(t) == lines{"a [-10, 10) 1/1"});
  auto u = weir::testing::test_driver<word, weir::untimed>(chain, t.snapshot());
  u.processing_time(at(100s));
  CHECK(rows(u) == lines{"a [0, 20) 2/3", "a [10, 30) 1/2"});
  auto v = weir::testing::test_driver<word, weir::untimed>(chain, t.snapshot());
  v.push({"a", 4});  // its clock has not come to where it was: time does not go back
  v.processing_time(at(19s));
  CHECK(rows(v).empty());
  v.processing_time(at(30s));
  CHECK(rows(v) == lines{"a [0, 20) 3/7", "a [10, 30) 2/6"});
}

TEST_CASE("by_processing_time: event time before it says nothing, and behind it time is the clock's") {
  auto const each_minute =
      weir::key_by(&word::text) | weir::window(weir::by_processing_time(weir::tumbling_windows{10s})) |
      weir::aggregate(weir::count(), weir::sum(&word::n)) | weir::key_by("key"_c) |
      weir::window(weir::tumbling_windows{60s}) |
      weir::aggregate(weir::count(), weir::sum("sum"_c), weir::sum("count"_c) | weir::as<"records">);
  auto t = weir::testing::test_driver<word>(each_minute);
  t.processing_time(at(55s));
  t.push({"a", 1}, at(1h));
  t.watermark(at(2h));
  t.push({"a", 2}, at(1s));  // late, if it were asked
  CHECK(t.take().empty());
  t.processing_time(at(60s));  // the row of [50, 60) is of the minute that ends with it
  CHECK(rows(t) == lines{"a [0, 60) 1/3"});
  t.push({"a", 4}, at(1s));
  t.processing_time(at(71s));
  t.push({"a", 8}, at(1s));
  t.finish();
  CHECK(rows(t) == lines{"a [60, 120) 2/12"});
}

TEST_CASE("by_processing_time: triggers, whichever timers they have, are by the one clock") {
  auto const play = [](auto const& chain) {
    auto const t = driver_of(chain);
    lines all;
    for (int s : {1, 3, 8, 14, 17, 26, 61}) {
      t->processing_time(at(1s * s));
      for (std::string const& r : rows(*t)) all.push_back(r);
      t->push({"a", s});
      for (std::string const& r : rows(*t)) all.push_back(r);
    }
    t->finish();
    for (std::string const& r : rows(*t)) all.push_back(r);
    return all;
  };
  lines const plain{"a [0, 20) 5/43", "a [20, 40) 1/26", "a [60, 80) 1/61"};
  CHECK(play(summing(weir::tumbling_windows{20s}, weir::processing_time_trigger{})) == plain);
  CHECK(play(summing(
            weir::tumbling_windows{20s},
            weir::purging(weir::either_trigger(weir::processing_time_trigger{}, weir::count_trigger{3})))) ==
        lines{"a [0, 20) 3/12", "a [0, 20) 2/31", "a [20, 40) 1/26", "a [60, 80) 1/61"});
  CHECK(play(summing(weir::tumbling_windows{20s},
                     weir::either_trigger(weir::event_time_trigger{},
                                          weir::continuous_processing_time_trigger{.every = 5s}))) ==
        lines{"a [0, 20) 2/4", "a [0, 20) 3/12", "a [0, 20) 4/26", "a [0, 20) 5/43", "a [20, 40) 1/26",
              "a [20, 40) 1/26", "a [60, 80) 1/61", "a [60, 80) 1/61"});
  CHECK(play(summing(weir::global_windows{}, weir::purging(weir::timeout_trigger(weir::count_trigger{3}, 10s))))
            .size() == 4);
}

TEST_CASE("by_processing_time: a timer by the clock fires when the clock is there, and not a tick later") {
  auto t = weir::testing::test_driver<word, weir::untimed>(
      summing(weir::tumbling_windows{10s},
              weir::either_trigger(weir::event_time_trigger{},
                                   weir::either_trigger(weir::continuous_processing_time_trigger{.every = 4s},
                                                        weir::timeout_trigger(weir::never_trigger{}, 3s)))));
  t.push({"a", 1});
  t.processing_time(at(3s) - weir::tick);
  CHECK(rows(t).empty());
  t.processing_time(at(3s));
  CHECK(rows(t) == lines{"a [0, 10) 1/1"});
  t.processing_time(at(4s));
  CHECK(rows(t) == lines{"a [0, 10) 1/1"});
  t.processing_time(at(7s));
  t.push({"a", 2});
  t.processing_time(at(8s));
  CHECK(rows(t) == lines{"a [0, 10) 2/3"});
  t.processing_time(at(10s));  // its end, and three seconds that have passed: both at the same instant
  CHECK(rows(t) == lines{"a [0, 10) 2/3"});
  t.processing_time(at(60s));
  CHECK(rows(t).empty());
}

// Windows of one key: from what is open and a time to the windows of a record. Whether those that touch become one.
struct oracle {
  using bounds = std::vector<std::pair<i64, i64>>;
  std::function<bounds(word const&, i64)> assign;
  bool merging;
  std::map<std::tuple<i64, i64, std::string>, std::pair<int, int>> open;  // by end, start, key
  i64 clock = 0;
  lines out;

  void time(i64 to) {
    clock = std::max(clock, to);
    while (!open.empty() && std::get<0>(open.begin()->first) <= clock) {
      auto const& [id, held] = *open.begin();
      out.push_back(fmt::format("{} [{}, {}) {}/{}", std::get<2>(id), std::get<1>(id), std::get<0>(id),
                                held.first, held.second));
      open.erase(open.begin());
    }
  }
  void push(word const& w) {
    for (auto [start, end] : assign(w, clock)) {
      std::pair<int, int> held{1, w.n};
      for (auto o = open.begin(); o != open.end();) {
        auto const here = o++;
        auto const [e, s, key] = here->first;
        if (key != w.text || (merging ? s > end || e < start : s != start || e != end)) continue;
        start = std::min(start, s), end = std::max(end, e);
        held.first += here->second.first, held.second += here->second.second;
        open.erase(here);
      }
      open[{end, start, w.text}] = held;
    }
  }
};
template <class Chain>
void check_random(Chain const& chain, std::function<oracle::bounds(word const&, i64)> const& assign,
                  bool merging) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    for (bool restored : {false, true}) {
      CAPTURE(restored);
      std::mt19937_64 bits(seed);
      auto const below = [&](std::uint64_t n) { return static_cast<i64>(bits() % n); };
      std::string saved = driver_of(chain)->snapshot();
      using driver = decltype(weir::testing::test_driver<word, weir::untimed>(chain, saved));
      auto t = std::make_unique<driver>(chain, saved);
      oracle o{assign, merging, {}, 0, {}};
      i64 now = 0;
      for (int i = 0; i < 80; ++i) {
        CAPTURE(i);
        if (restored) t = std::make_unique<driver>(chain, saved);
        if (below(3) == 0) {
          now += below(12);
          o.time(now);
        } else {
          word const w{std::string(1, static_cast<char>('a' + below(3))), static_cast<int>(below(9))};
          t->processing_time(at(1s * now));
          t->push(w);
          o.push(w);
        }
        t->processing_time(at(1s * now));
        REQUIRE(in_order(rows(*t)) == in_order(std::exchange(o.out, {})));
        if (restored) saved = t->snapshot();
      }
      t->finish();
      o.time(1'000'000);
      REQUIRE(in_order(rows(*t)) == in_order(o.out));
    }
  }
}
i64 floor_of(i64 t, i64 width) { return t / width * width; }

TEST_CASE("by_processing_time: random steps in each kind of windows") {
  SECTION("tumbling") {
    check_random(
        summing(weir::tumbling_windows{10s}),
        [](word const&, i64 t) {
          return oracle::bounds{{floor_of(t, 10), floor_of(t, 10) + 10}};
        },
        false);
  }
  SECTION("sliding") {
    check_random(
        summing(weir::sliding_windows{15s, 5s}),
        [](word const&, i64 t) {
          i64 const s = floor_of(t, 5);
          return oracle::bounds{{s, s + 15}, {s - 5, s + 10}, {s - 10, s + 5}};
        },
        false);
  }
  SECTION("session") {
    check_random(
        summing(weir::session_windows{7s}),
        [](word const&, i64 t) {
          return oracle::bounds{{t, t + 7}};
        },
        true);
  }
  SECTION("session whose gap each record says") {
    check_random(
        summing(weir::dynamic_session_windows{[](word const& w) -> weir::duration { return 1s * (w.n + 1); }}),
        [](word const& w, i64 t) {
          return oracle::bounds{{t, t + w.n + 1}};
        },
        true);
  }
  SECTION("cumulative") {
    check_random(
        summing(weir::cumulative_windows{.size = 20s, .step = 10s}),
        [](word const&, i64 t) {
          i64 const s = floor_of(t, 20);
          return t - s < 10 ? oracle::bounds{{s, s + 10}, {s, s + 20}} : oracle::bounds{{s, s + 20}};
        },
        false);
  }
}

}  // namespace by_processing_time_test
