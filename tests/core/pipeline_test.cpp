// Pipelines are values: named, stored, composed, run again.
#include <weir/weir.hpp>

#include "catch.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace pipeline_test {

namespace {

struct hit {
  int page;
  weir::timestamp at;
};
std::vector<hit> hits() {
  std::vector<hit> all;
  for (int i = 0; i < 40; ++i) all.push_back({i % 3, weir::from_ticks(i * 1'000'000)});
  return all;
}
constexpr auto in_time = weir::assign_timestamps(&hit::at, weir::monotonous_timestamps{});
constexpr auto positive = weir::filter([](int i) { return i > 0; });
constexpr auto doubled = weir::map([](int i) { return 2 * i; });

// operator | operator is an operator, and a constant expression.
constexpr auto both = positive | doubled;
static_assert(weir::operation<decltype(both)>);
static_assert(weir::accepts<decltype(both), weir::stream<int>>);
static_assert(not weir::accepts<decltype(both), weir::stream<std::string>>);
static_assert(not weir::accepts<decltype(doubled | weir::key_by(&hit::page)), weir::stream<int>>);
// What a stream has is in its type, and ends where it no longer holds.
using keyed = weir::output_of<decltype(in_time | weir::key_by(&hit::page)), weir::stream<hit>>;
static_assert(keyed::keyed && keyed::timed && !keyed::windowed);
static_assert(weir::output_of<decltype(weir::filter([](hit const&) { return true; })), keyed>::keyed);
using mapped = weir::output_of<decltype(weir::map(&hit::page)), keyed>;
static_assert(!mapped::keyed && mapped::timed);
static_assert(std::is_trivially_copyable_v<decltype(both)>);

}  // namespace

TEST_CASE("an operator made of operators is used again") {
  std::vector<int> const in{-1, 2, -3, 4};
  std::vector<int> a, b;
  weir::run(weir::from(in) | both | weir::into(a));
  weir::run(weir::from(in) | both | both | weir::into(b));
  CHECK(a == std::vector<int>{4, 8});
  CHECK(b == std::vector<int>{8, 16});
  // However it is put together, it is the same.
  std::vector<int> c;
  weir::run(weir::from(in) | (both | (positive | (doubled | weir::into(c)))));
  CHECK(c == b);
}

TEST_CASE("a pipeline is run twice, and a copy of it") {
  auto const data = hits();
  std::vector<std::int64_t> out;
  auto const p = weir::from(data) | in_time | weir::key_by(&hit::page) |
                 weir::window(weir::tumbling_windows{10s}) | weir::aggregate(weir::count()) |
                 weir::map([](auto const& w) { return w["count"_c]; }) | weir::into(out);
  weir::run(p);
  auto const first = out;
  CHECK(first.size() == 12);
  out.clear();
  weir::run(p);  // no state is left of the first run
  CHECK(out == first);
  auto const copy = p;
  out.clear();
  weir::run(copy);
  CHECK(out == first);
}

TEST_CASE("a part of a pipeline goes on in two ways") {
  auto const data = hits();
  auto const timed = weir::from(data) | in_time;
  std::int64_t all = 0, some = 0;
  auto const count = [](std::int64_t n, hit const&) { return n + 1; };
  weir::run(timed | weir::into(weir::fold(&all, count)));
  weir::run(timed | weir::filter([](hit const& h) { return h.page == 1; }) |
            weir::into(weir::fold(&some, count)));
  CHECK(all == 40);
  CHECK(some == 13);
}

TEST_CASE("a pipeline without records, with and without event time") {
  std::vector<hit> const none;
  std::vector<hit> out;
  CHECK(weir::run(weir::from(none) | weir::into(out)).status == weir::outcome::finished);
  int windows = 0;
  auto const p = weir::from(none) | in_time | weir::key_by(&hit::page) |
                 weir::branch(weir::window(weir::tumbling_windows{10s}) | weir::aggregate(weir::count()) |
                                  weir::map([](auto const&) { return 1; }),
                              weir::window(weir::session_windows{10s}) | weir::aggregate(weir::count()) |
                                  weir::map([](auto const&) { return 1; }),
                              weir::window(weir::sliding_windows{10s, 5s}) | weir::aggregate(weir::count()) |
                                  weir::map([](auto const&) { return 1; })) |
                 weir::into([&](int) { ++windows; });
  weir::run(p);
  CHECK(out.empty());
  CHECK(windows == 0);
}

TEST_CASE("counts of a run, by uid; a scope goes before them") {
  auto const data = hits();
  int rows = 0;
  auto const rule = [&](auto name) {
    return weir::key_by(&hit::page) | weir::window(weir::tumbling_windows{10s}, weir::late_to<"late">) |
           weir::aggregate(weir::count()) | name | weir::discard<"late"> |
           weir::into([&](auto const&) { ++rows; }, weir::uid<"rows">);
  };
  auto const result =
      weir::run(weir::from(data, weir::uid<"hits">) | in_time |
                weir::branch(weir::scoped<"a">(rule(weir::uid<"w">)), weir::scoped<"b">(rule(weir::uid<"w">))));
  CHECK(result.count("hits", "out") == 40);
  CHECK(result.count("a/rows", "in") == 12);
  CHECK(result.count("b/rows", "in") == 12);
  CHECK(result.count("a/w", "late") == 0);
  CHECK(result.count("nobody", "in") == 0);
  CHECK(rows == 24);
}

TEST_CASE("an exception of a user's function ends the run; the pipeline can be run again") {
  std::vector<int> const in{1, 2, 3, 4, 5};
  bool fails = true;
  std::vector<int> out;
  auto const p = weir::from(in) | weir::map([&fails](int i) {
                   if (fails && i == 4) throw std::runtime_error("four");
                   return i;
                 }) |
                 weir::into(out);
  CHECK_THROWS_WITH(weir::run(p), "four");
  fails = false;
  out.clear();
  weir::run(p);
  CHECK(out == in);
}

TEST_CASE("a stop token ends a run between batches, without an end of time") {
  std::stop_source stop;
  std::vector<hit> const data = hits();
  int seen = 0, windows = 0;
  auto const p = weir::from(data) | weir::inspect([&](hit const&) {
                   if (++seen == 15) stop.request_stop();
                 }) |
                 in_time | weir::key_by(&hit::page) | weir::window(weir::tumbling_windows{10s}) |
                 weir::aggregate(weir::count()) | weir::into([&](auto const&) { ++windows; });
  CHECK(weir::run(p, weir::batch_size{1}, stop.get_token()).status == weir::outcome::stopped);
  CHECK(seen == 15);
  CHECK(windows == 3);  // the first ten seconds
}

TEST_CASE("policies that make no sense are refused before anything runs") {
  std::vector<hit> const data = hits();
  int seen = 0;
  auto const watched =
      weir::from(data) | weir::inspect([&](hit const&) { ++seen; }) | in_time | weir::key_by(&hit::page);
  auto const with = [&](auto... window) {
    return watched | weir::window(window...) | weir::aggregate(weir::count()) | weir::into([](auto const&) {});
  };
  CHECK_THROWS_AS(weir::run(with(weir::tumbling_windows{})), weir::config_error);
  CHECK_THROWS_AS(weir::run(with(weir::sliding_windows{10s, 20s})), weir::config_error);
  CHECK_THROWS_AS(weir::run(with(weir::session_windows{})), weir::config_error);
  CHECK_THROWS_AS(weir::run(with(weir::tumbling_windows{10s}, weir::allowed_lateness{-1s})),
                  weir::config_error);
  CHECK_THROWS_AS(weir::run(with(weir::tumbling_windows{10s}), weir::batch_size{0}), weir::config_error);
  CHECK(seen == 0);
}

}  // namespace pipeline_test
