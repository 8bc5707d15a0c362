// Windows by hand: what fires when, in what order, and times at the ends of time.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace window_test {

namespace {

struct word {
  std::string text;
  int n;
};
using timed = weir::stream<word, true>;
constexpr auto tumbling = weir::window(weir::tumbling_windows{10s});
using keyed = weir::output_of<decltype(weir::key_by(&word::text)), timed>;
static_assert(weir::accepts<decltype(tumbling), keyed>);
static_assert(not weir::accepts<decltype(tumbling), timed>);
static_assert(not weir::accepts<decltype(weir::key_by(&word::text) | tumbling), weir::stream<word>>);
static_assert(not weir::accepts<decltype(weir::aggregate(weir::count())), keyed>);
static_assert(not weir::accepts<decltype(weir::key_by(&word::text)), weir::stream<int, true>>);

std::vector<std::string> rows(auto& driver) {
  std::vector<std::string> all;
  for (auto const& [row, when] : driver.take())
    all.push_back(fmt::format("{} [{}, {}) {} @{}", row["key"_c],
                              weir::ticks(row["window_start"_c]) / 1'000'000,
                              weir::ticks(row["window_end"_c]) / 1'000'000, row["count"_c],
                              weir::ticks(when) - weir::ticks(row["window_end"_c])));
  return all;
}
using lines = std::vector<std::string>;

template <class... Window>
auto counting(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) | weir::aggregate(weir::count()) | weir::uid<"w">;
}

}  // namespace

TEST_CASE("a window fires when the watermark reaches its last instant, and its row carries that") {
  auto t = weir::testing::test_driver<word>(counting(weir::tumbling_windows{10s}));
  t.push({"a", 1}, at(3s));
  t.push({"a", 1}, at(10s) - weir::tick);
  t.push({"a", 1}, at(10s));
  t.watermark(at(10s) - 2 * weir::tick);
  CHECK(rows(t).empty());
  t.watermark(at(10s) - weir::tick);
  CHECK(rows(t) == lines{"a [0, 10) 2 @-1"});
  t.watermark(at(19s));
  CHECK(rows(t).empty());
  t.push({"a", 1}, at(9s));  // late
  t.push({"a", 1}, at(12s));
  t.finish();
  CHECK(rows(t) == lines{"a [10, 20) 2 @-1"});
  CHECK(t.count("w", "late") == 1);
}

TEST_CASE("windows of one watermark fire in the order of their ends") {
  auto t = weir::testing::test_driver<word>(counting(weir::sliding_windows{20s, 10s}));
  t.push({"a", 1}, at(25s));
  t.push({"a", 1}, at(5s));
  t.push({"a", 1}, at(-5s));
  t.watermark(at(60s));
  CHECK(rows(t) == lines{"a [-20, 0) 1 @-1", "a [-10, 10) 2 @-1", "a [0, 20) 1 @-1", "a [10, 30) 1 @-1",
                         "a [20, 40) 1 @-1"});
}

TEST_CASE("allowed lateness: a window fires again for each record, with all it holds, until it is gone") {
  auto t = weir::testing::test_driver<word>(counting(weir::tumbling_windows{10s}, weir::allowed_lateness{5s}));
  t.push({"a", 1}, at(1s));
  t.watermark(at(12s));
  CHECK(rows(t) == lines{"a [0, 10) 1 @-1"});
  t.push({"a", 1}, at(2s));
  t.push({"b", 1}, at(3s));
  CHECK(rows(t) == lines{"a [0, 10) 2 @-1", "b [0, 10) 1 @-1"});
  t.watermark(at(15s) - 2 * weir::tick);
  t.push({"a", 1}, at(2s));
  CHECK(rows(t) == lines{"a [0, 10) 3 @-1"});
  t.watermark(at(15s) - weir::tick);
  t.push({"a", 1}, at(2s));
  CHECK(rows(t).empty());
  CHECK(t.count("w", "late") == 1);
}

TEST_CASE("sessions that touch are one, and a record can join two") {
  auto t = weir::testing::test_driver<word>(counting(weir::session_windows{10s}));
  t.push({"a", 1}, at(0s));
  t.push({"a", 1}, at(10s));  // touches [0, 10)
  t.push({"a", 1}, at(31s));  // apart
  t.push({"a", 1}, at(20s));  // touches [0, 20); its end 30 does not reach 31
  t.push({"b", 1}, at(5s));
  t.watermark(at(29s));
  CHECK(rows(t) == lines{"b [5, 15) 1 @-1"});
  t.push({"a", 1}, at(25s));  // joins both
  t.finish();
  CHECK(rows(t) == lines{"a [0, 41) 5 @-1"});
}

TEST_CASE("a key may be a view of the record, several fields, or what a function gives") {
  std::vector<word> const in{{"apple", 1}, {"axe", 2}, {"bee", 1}, {"apple", 1}};
  auto const timed_words = weir::from(in) | weir::assign_timestamps([](word const&) { return at(1s); },
                                                                    weir::monotonous_timestamps{});
  std::vector<std::string> out;
  auto const rows_of = [&](auto key, auto text) {
    out.clear();
    weir::run(timed_words | key | tumbling | weir::aggregate(weir::count()) | weir::map([text](auto const& w) {
                return fmt::format("{} {}", text(w["key"_c]), w["count"_c]);
              }) |
              weir::into(out));
    std::ranges::sort(out);
    return out;
  };
  auto const as_it_is = [](auto const& key) { return key; };
  CHECK(rows_of(weir::key_by([](word const& w) { return std::string_view(w.text).substr(0, 1); }), as_it_is) ==
        lines{"a 3", "b 1"});
  CHECK(rows_of(weir::key_by([](word const& w) { return w.text.size(); }), as_it_is) == lines{"3 2", "5 2"});
  CHECK(rows_of(weir::key_by(&word::text, &word::n), [](auto const& k) {
          return fmt::format("{}/{}", std::get<0>(k), std::get<1>(k));
        }) == lines{"apple/1 2", "axe/2 1", "bee/1 1"});
}

TEST_CASE("windows at the ends of what timestamps can say") {
  // ISO 8601 with four and with six digits of year, and everything in 64 bits but the two extremes themselves.
  weir::timestamp const year_0 = weir::from_ticks(-62'167'219'200'000'000),
                        year_9999 = weir::from_ticks(253'402'300'799'999'999);
  weir::timestamp const first = weir::min_time + weir::tick, last = weir::max_time - weir::tick;
  for (weir::timestamp const when : {year_0, year_9999, first, first + 1h, last - 1h, last})
    for (weir::duration bound : {0us, 1us, 1'000'000'000'000us}) {
      CAPTURE(when, bound);
      std::vector<weir::timestamp> const in{when, when};
      std::int64_t counted = 0;
      auto const add =
          weir::into(weir::fold(&counted, [](std::int64_t n, auto const& w) { return n + w["count"_c]; }));
      auto const timed_in =
          weir::from(in) |
          weir::assign_timestamps([](weir::timestamp t) { return t; }, weir::bounded_out_of_orderness{bound}) |
          weir::key_by([](weir::timestamp) { return 0; });
      auto const count = weir::aggregate(weir::count());
      for (std::size_t n : {1, 4096}) {
        counted = 0;
        weir::run(timed_in | weir::window(weir::tumbling_windows{10s, 3s}) | count | add, weir::batch_size{n});
        CHECK(counted == 2);
        counted = 0;
        weir::run(timed_in | weir::window(weir::sliding_windows{10s, 5s}) | count | add, weir::batch_size{n});
        // Nearer to an end than their size, sliding windows are cut and may give nothing.
        if (when != first && when != last) CHECK(counted >= 2);
        CHECK(counted <= 4);
        counted = 0;
        weir::run(timed_in | weir::window(weir::session_windows{10s}) | count | add, weir::batch_size{n});
        CHECK(counted == 2);
        counted = 0;
        weir::run(timed_in | weir::window(weir::session_windows{10s}, weir::allowed_lateness{1h}) | count | add,
                  weir::batch_size{n});
        CHECK(counted == 2);
        counted = 0;
        weir::run(
            timed_in | weir::window(weir::tumbling_windows{10s}, weir::allowed_lateness{1h}) | count | add,
            weir::batch_size{n});
        CHECK(counted == 2);
      }
    }
}

}  // namespace window_test
