// Assigners by themselves, and what those of windows without end do in a chain.
#include "error_of.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace assigner_test {

struct word {
  std::string text;
  int n;
  weir::duration gap{};
};
using lines = std::vector<std::string>;

template <class Assigner>
lines windows_of(Assigner const& a, word const& w, weir::timestamp t) {
  lines all;
  a.assign(w, t, [&](weir::time_window x) {
    all.push_back(fmt::format("[{}, {})", weir::ticks(x.start) / 1'000'000, weir::ticks(x.end) / 1'000'000));
  });
  return all;
}
template <class... Window>
auto summing(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) |
         weir::aggregate(weir::count(), weir::sum(&word::n)) | weir::uid<"w">;
}
lines rows(auto& driver) {
  lines all;
  for (auto const& [row, when] : driver.take()) {
    CHECK(when == row["window_end"_c] - weir::tick);
    all.push_back(fmt::format("{} {}/{}", row["key"_c], row["count"_c], row["sum"_c]));
  }
  return all;
}
template <class Policy>
std::string refusal(Policy const& p) {
  return weir_test::error_of<weir::config_error>([&] { p.check(); });
}

TEST_CASE("cumulative_windows grow by step up to size") {
  weir::cumulative_windows const a{.size = 30s, .step = 10s};
  a.check();
  CHECK(windows_of(a, {}, at(0s)) == lines{"[0, 10)", "[0, 20)", "[0, 30)"});
  CHECK(windows_of(a, {}, at(10s) - weir::tick) == lines{"[0, 10)", "[0, 20)", "[0, 30)"});
  CHECK(windows_of(a, {}, at(10s)) == lines{"[0, 20)", "[0, 30)"});
  CHECK(windows_of(a, {}, at(29s)) == lines{"[0, 30)"});
  CHECK(windows_of(a, {}, at(30s)) == lines{"[30, 40)", "[30, 50)", "[30, 60)"});
  CHECK(windows_of(a, {}, at(-1s)) == lines{"[-30, 0)"});
  CHECK(windows_of(weir::cumulative_windows{.size = 30s, .step = 10s, .offset = 5s}, {}, at(4s)) ==
        lines{"[-25, 5)"});
  CHECK_THAT(refusal(weir::cumulative_windows{}), weir_test::contains("are not both positive; "));
  CHECK_THAT(refusal(weir::cumulative_windows{.size = 30s, .step = 20s}),
             weir_test::contains("size is no multiple of step; "));
  CHECK_THAT(refusal(weir::cumulative_windows{.size = 30s, .step = 10s, .offset = 30s}),
             weir_test::contains("offset is not shorter than size; "));
  CHECK_THAT(refusal(weir::cumulative_windows{.size = 24h, .step = 1us}),
             weir_test::contains("more than 10,000,000 windows; "));
}

TEST_CASE("cumulative_windows: what a day has come to, each hour") {
  auto t = weir::testing::test_driver<word>(summing(weir::cumulative_windows{.size = 3h, .step = 1h}));
  t.push({"a", 1}, at(10min));
  t.push({"a", 2}, at(70min));
  t.watermark(at(1h));
  CHECK(rows(t) == lines{"a 1/1"});
  t.push({"a", 4}, at(20min));  // late for the first hour only
  t.watermark(at(3h));
  CHECK(rows(t) == lines{"a 3/7", "a 3/7"});
  CHECK(t.count("w", "late") == 0);
}

TEST_CASE("dynamic_session_windows: each record has its gap, and one without is refused") {
  weir::dynamic_session_windows const a{&word::gap};
  CHECK(windows_of(a, {"a", 1, 7s}, at(3s)) == lines{"[3, 10)"});
  auto t = weir::testing::test_driver<word>(summing(a));
  t.push({"a", 1, 5s}, at(0s));
  t.push({"a", 2, 20s}, at(5s));  // they touch
  t.push({"a", 4, 1s}, at(24s));
  t.push({"a", 8, 1s}, at(26s));
  t.finish();
  CHECK(rows(t) == lines{"a 3/7", "a 1/8"});
  auto bad = weir::testing::test_driver<word>(summing(a));
  CHECK_THAT(
      weir_test::error_of([&] {
        bad.push({"a", 1, 0s}, at(0s));
      }),
      weir_test::contains("weir::dynamic_session_windows: gap_of(record) gave a gap that is not positive; "));
}

TEST_CASE("global_windows: one window for each key, as its trigger says") {
  auto t = weir::testing::test_driver<word>(summing(weir::global_windows{}, weir::end_of_stream_trigger{}));
  t.push({"a", 1}, at(-9h));
  t.push({"a", 2}, at(9h));
  t.watermark(at(90h));
  t.push({"a", 4}, at(0s));  // nothing is late
  CHECK(rows(t).empty());
  t.finish();
  CHECK(rows(t) == lines{"a 3/7"});
}

TEST_CASE("count_windows: each record is in one full window, and what is left is in none") {
  auto t = weir::testing::test_driver<word>(summing(weir::count_windows{.count = 2}));
  for (int n : {1, 2, 4, 8, 16}) t.push({n == 2 ? "b" : "a", n}, at(1s));
  CHECK(rows(t) == lines{"a 2/5", "a 2/24"});
  t.finish();
  CHECK(rows(t).empty());
  CHECK_THAT(refusal(weir::count_windows{}),
             weir_test::contains("weir::count_windows: count is not positive; "));
  CHECK_THAT(refusal(weir::sliding_count_windows{.count = 3}),
             weir_test::contains("weir::sliding_count_windows: count and slide are not both positive; "));
  CHECK(weir::describe(weir::from(std::vector<word>{}) |
                       weir::assign_timestamps([](word const&) { return weir::timestamp{}; },
                                               weir::monotonous_timestamps{}) |
                       summing(weir::count_windows{.count = 2})) ==
        "from(range_source)\nassign_timestamps(monotonous_timestamps)\nkey_by\nwindow(count_windows 2)\n"
        "aggregate(count, sum) \"w\"\n");
}

TEST_CASE("sliding_count_windows: the last few, every now and then") {
  auto t = weir::testing::test_driver<word>(summing(weir::sliding_count_windows{.count = 3, .slide = 2}));
  for (int n : {1, 2, 4, 8, 16}) t.push({"a", n}, at(1s));
  CHECK(rows(t) == lines{"a 2/3", "a 3/14"});
}

TEST_CASE("delta_trigger: a record that is far from the one it fired with last") {
  auto t = weir::testing::test_driver<int>(
      weir::key_by([](int) { return 0; }) |
      weir::window(weir::global_windows{},
                   weir::delta_trigger<int>(10, [](int last, int now) { return now - last; })) |
      weir::process_window<"w", std::string>([](auto const&, auto const& all, auto const& emit) {
        emit(fmt::format("{}", fmt::join(all, " ")));
      }));
  for (int n : {100, 110, 111, 112, 121, 122, 90}) t.push(n, at(1s));
  lines all;
  for (auto const& r : t.take()) all.push_back(r.value);
  CHECK(all == lines{"100 110 111", "100 110 111 112 121 122"});
}

TEST_CASE("either_trigger: early, at the end, and late") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::tumbling_windows{10s}, weir::allowed_lateness{5s},
              weir::either_trigger(weir::event_time_trigger{}, weir::count_trigger{.count = 2})));
  for (int n : {1, 2, 4}) t.push({"a", n}, at(1s));
  CHECK(rows(t) == lines{"a 2/3"});
  t.watermark(at(10s));
  CHECK(rows(t) == lines{"a 3/7"});
  t.push({"a", 8}, at(1s));
  CHECK(rows(t) == lines{"a 4/15"});
  CHECK_THAT(weir_test::error_of([] {
               weir::testing::test_driver<word>(
                   summing(weir::tumbling_windows{10s},
                           weir::either_trigger(weir::event_time_trigger{}, weir::count_trigger{})));
             }),
             weir_test::contains("weir::count_trigger: count is not positive; "));
}

TEST_CASE("random_stagger: an offset shorter than the size, the same for the same seed") {
  static_assert(weir::random_stagger(1h, 42) == weir::random_stagger(1h, 42));
  static_assert(weir::random_stagger(1h, 42) != weir::random_stagger(1h, 43));
  static_assert(weir::random_stagger(-1h, 42) == weir::duration{});
  std::int64_t before_half = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    weir::duration const d = weir::random_stagger(10s, seed);
    REQUIRE(d >= 0s);
    REQUIRE(d < 10s);
    before_half += d < 5s;
  }
  CHECK(before_half > 400);
  CHECK(before_half < 600);
}

}  // namespace assigner_test
