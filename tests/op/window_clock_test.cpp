// Triggers by the clock: by hand, restored between any two steps, and on a state directory.
#include "error_of.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace window_clock_test {
struct word {
  std::string text;
  int n;
};
}  // namespace window_clock_test
BOOST_HANA_ADAPT_STRUCT(window_clock_test::word, text, n);

namespace window_clock_test {

using lines = std::vector<std::string>;

template <class... Window>
auto summing(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) |
         weir::aggregate(weir::count(), weir::sum(&word::n)) | weir::uid<"w">;
}
lines rows(auto& driver) {
  lines all;
  for (auto const& [row, when] : driver.take()) {
    CHECK(when == row["window_end"_c] - weir::tick);
    all.push_back(fmt::format("{} [{}, {}) {}/{}", row["key"_c], weir::ticks(row["window_start"_c]) / 1'000'000,
                              weir::ticks(row["window_end"_c]) / 1'000'000, row["count"_c], row["sum"_c]));
  }
  return all;
}

TEST_CASE("processing_time_trigger: a window fires when the clock reaches its end") {
  auto t =
      weir::testing::test_driver<word>(summing(weir::tumbling_windows{10s}, weir::processing_time_trigger{}));
  t.processing_time(at(5s));
  t.push({"a", 1}, at(1s));
  t.push({"a", 2}, at(12s));
  t.processing_time(at(9s));
  CHECK(rows(t).empty());
  t.processing_time(at(10s));
  CHECK(rows(t) == lines{"a [0, 10) 1/1"});
  t.push({"a", 4}, at(2s));
  t.processing_time(at(11s));
  CHECK(rows(t) == lines{"a [0, 10) 2/5"});
  t.watermark(at(20s));  // the windows are gone, and their timers fire for nobody
  t.processing_time(at(30s));
  CHECK(rows(t).empty());
}

TEST_CASE("continuous_processing_time_trigger: what a window holds so far, at each multiple") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::session_windows{60s}, weir::continuous_processing_time_trigger{.every = 10s}));
  t.processing_time(at(3s));
  t.push({"a", 1}, at(0s));
  t.processing_time(at(8s));
  t.push({"a", 2}, at(20s));
  CHECK(rows(t).empty());
  t.processing_time(at(10s));
  CHECK(rows(t) == lines{"a [0, 80) 2/3"});
  t.push({"a", 4}, at(100s));
  t.push({"a", 8}, at(60s));  // makes one of two
  t.processing_time(at(47s));
  CHECK(rows(t) == lines{"a [0, 160) 4/15"});
  t.processing_time(at(49s));
  CHECK(rows(t).empty());
  t.processing_time(at(50s));
  CHECK(rows(t) == lines{"a [0, 160) 4/15"});
  t.finish();  // what is set fires at the end
  CHECK(rows(t) == lines{"a [0, 160) 4/15"});
}

TEST_CASE("timeout_trigger: a batch is full, or the clock says that it has waited long enough") {
  auto t = weir::testing::test_driver<word>(summing(
      weir::global_windows{}, weir::purging(weir::timeout_trigger(weir::count_trigger{.count = 3}, 10s))));
  t.processing_time(at(1s));
  t.push({"a", 1}, at(0s));
  t.processing_time(at(9s));
  t.push({"a", 2}, at(0s));
  t.push({"b", 4}, at(0s));
  t.processing_time(at(11s));
  auto const end_of_time = [](lines all) {
    for (std::string& s : all) s = s.substr(0, 2) + s.substr(s.find(')') + 2);
    return all;
  };
  CHECK(end_of_time(rows(t)) == lines{"a 2/3"});
  t.push({"a", 8}, at(0s));  // the first of three: the count has begun anew
  t.push({"a", 16}, at(0s));
  CHECK(rows(t).empty());
  t.processing_time(at(19s));
  CHECK(end_of_time(rows(t)) == lines{"b 1/4"});
  t.push({"a", 32}, at(0s));  // full: nothing waits any more
  CHECK(end_of_time(rows(t)) == lines{"a 3/56"});
  t.processing_time(at(100s));
  CHECK(rows(t).empty());
}

TEST_CASE("timeout_trigger: all that is inside begins anew, and the end of the window stays") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::tumbling_windows{60s},
              weir::timeout_trigger(
                  weir::either_trigger(weir::event_time_trigger{},
                                       weir::either_trigger(weir::count_trigger{.count = 2},
                                                            weir::continuous_event_time_trigger{.every = 20s})),
                  10s)));
  t.push({"a", 1}, at(0s));
  t.processing_time(at(10s));
  CHECK(rows(t) == lines{"a [0, 60) 1/1"});
  t.watermark(at(20s));  // the timer of the multiple is gone
  CHECK(rows(t).empty());
  t.push({"a", 2}, at(20s));
  CHECK(rows(t).empty());
  t.watermark(at(40s));
  CHECK(rows(t) == lines{"a [0, 60) 2/3"});
  t.push({"a", 4}, at(40s));  // the second
  CHECK(rows(t) == lines{"a [0, 60) 3/7"});
  t.push({"a", 8}, at(41s));
  t.processing_time(at(20s));
  CHECK(rows(t) == lines{"a [0, 60) 4/15"});
  t.watermark(at(60s));
  CHECK(rows(t) == lines{"a [0, 60) 4/15"});
}

TEST_CASE("either_trigger: one by the clock and one in event time, each with its own timers") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::tumbling_windows{60s},
              weir::either_trigger(weir::event_time_trigger{},
                                   weir::continuous_processing_time_trigger{.every = 10s})));
  t.push({"a", 1}, at(0s));
  t.processing_time(at(10s));
  CHECK(rows(t) == lines{"a [0, 60) 1/1"});
  t.push({"a", 2}, at(0s));
  t.watermark(at(60s));
  CHECK(rows(t) == lines{"a [0, 60) 2/3"});
  t.processing_time(at(20s));
  CHECK(rows(t).empty());
}

TEST_CASE("triggers by the clock: what cannot work says so before anything runs") {
  auto const said = [](auto trigger) {
    return weir_test::error_of(
        [&] { weir::testing::test_driver<word>(summing(weir::tumbling_windows{10s}, trigger)); });
  };
  CHECK_THAT(said(weir::continuous_processing_time_trigger{}),
             weir_test::contains("weir::continuous_processing_time_trigger: every is not positive; "));
  CHECK_THAT(said(weir::timeout_trigger(weir::event_time_trigger{}, 0s)),
             weir_test::contains("weir::timeout_trigger: the time is not positive; "));
  CHECK_THAT(said(weir::timeout_trigger(weir::count_trigger{}, 1s)),
             weir_test::contains("weir::count_trigger: count is not positive; "));
}

// Random steps beside a naive oracle: tumbling windows of 20 s that show their records at each 10 s of the clock, and purge with
// each third record.
struct oracle {
  struct held {
    int count = 0, sum = 0, seen = 0;
    std::optional<std::int64_t> next;
  };
  std::map<std::pair<std::int64_t, std::string>, held> windows;  // by start, key
  std::int64_t watermark = -1'000'000, clock = 0;
  lines out;

  void fire(std::pair<std::int64_t, std::string> const& name, held const& h) {
    if (h.count > 0)
      out.push_back(fmt::format("{} [{}, {}) {}/{}", name.second, name.first, name.first + 20, h.count, h.sum));
  }
  void push(word const& w, std::int64_t ts) {
    std::int64_t const start = ts / 20 * 20;
    if (start + 20 <= watermark) return;
    held& h = windows[{start, w.text}];
    ++h.count, h.sum += w.n;
    if (!h.next) h.next = clock / 10 * 10 + 10;
    if (++h.seen < 3) return;
    fire({start, w.text}, h);
    h.count = h.sum = h.seen = 0;
  }
  void advance(std::int64_t to) {
    watermark = std::max(watermark, to);
    std::erase_if(windows, [&](auto const& w) { return w.first.first + 20 <= watermark; });
  }
  void time(std::int64_t to) {
    clock = std::max(clock, to);
    for (auto& [name, h] : windows)
      if (h.next && *h.next <= clock) {
        fire(name, h);
        h.next = clock / 10 * 10 + 10;
      }
  }
};
auto const random_chain = summing(weir::tumbling_windows{20s},
                                  weir::either_trigger(weir::purging(weir::count_trigger{.count = 3}),
                                                       weir::continuous_processing_time_trigger{.every = 10s}));
lines in_order(lines all) {
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("triggers by the clock: random steps, and a driver of its own for each of them") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    for (bool restored : {false, true}) {
      CAPTURE(restored);
      std::mt19937_64 bits(seed);
      auto const below = [&](std::uint64_t n) { return static_cast<std::int64_t>(bits() % n); };
      std::string saved = weir::testing::test_driver<word>(random_chain).snapshot();
      using driver = decltype(weir::testing::test_driver<word>(random_chain, saved));
      auto t = std::make_unique<driver>(random_chain, saved);
      oracle o;
      std::int64_t now = 0, watermark = 0;
      for (int i = 0; i < 80; ++i) {
        CAPTURE(i);
        if (restored) {
          t = std::make_unique<driver>(random_chain, saved);
          t->processing_time(at(1s * now));
        }
        switch (below(5)) {
          case 0:
            now += below(12);
            t->processing_time(at(1s * now));
            o.time(now);
            break;
          case 1:
            watermark += below(9);
            t->watermark(at(1s * watermark) - weir::tick);
            o.advance(watermark);
            break;
          default: {
            word const w{std::string(1, static_cast<char>('a' + below(3))), static_cast<int>(below(9))};
            std::int64_t const ts = std::max<std::int64_t>(0, watermark + below(40) - 15);
            t->push(w, at(1s * ts));
            o.push(w, ts);
          }
        }
        REQUIRE(in_order(rows(*t)) == in_order(std::exchange(o.out, {})));
        if (restored) saved = t->snapshot();
      }
    }
  }
}

TEST_CASE("timeout_trigger: what waits is there after a restart, and fires at the end of the input") {
  weir_test::temp_directory const folder;
  std::vector<word> in;
  for (int i = 0; i < 20; ++i) in.push_back({i % 2 == 0 ? "a" : "b", i});
  lines out;
  int runs = 0;
  for (weir::outcome status = weir::outcome::stopped; status != weir::outcome::finished; ++runs) {
    REQUIRE(runs < 100);
    std::stop_source stop;
    int left = 3;
    auto const p =
        weir::from(in, weir::uid<"in">) | weir::inspect([&](word const&) {
          if (--left == 0) stop.request_stop();
        }) |
        weir::assign_timestamps([](word const& w) { return at(1s * w.n); }, weir::monotonous_timestamps{}) |
        summing(weir::global_windows{}, weir::timeout_trigger(weir::count_trigger{.count = 100}, 1h)) |
        weir::map([](auto const& w) { return fmt::format("{} {}/{}", w["key"_c], w["count"_c], w["sum"_c]); }) |
        weir::into([&](std::string const& line) { out.push_back(line); }, weir::uid<"out">);
    status = weir::run(p, weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
                       weir::batch_size{1}, stop.get_token())
                 .status;
  }
  CHECK(runs > 3);
  CHECK(in_order(out) == lines{"a 10/90", "b 10/100"});
}

}  // namespace window_clock_test
