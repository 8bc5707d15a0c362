#include <weir/weir.hpp>

#include "catch.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

namespace {

struct click {
  std::int64_t user;
  weir::timestamp at;
};
std::vector<click> clicks() {
  std::vector<click> all;
  for (int i = 0; i < 100; ++i) all.push_back({i % 3, weir::from_ticks(i * 1'000'000)});
  all.push_back({7, weir::from_ticks(0)});
  return all;
}
std::vector<click> const input = clicks();
auto const timed =
    weir::from(input, weir::uid<"clicks">) | weir::assign_timestamps(&click::at, weir::monotonous_timestamps{});
auto const number = weir::map([](auto const& w) { return w["count"_c]; });
constexpr auto is = [](std::int64_t user) {
  return weir::filter([user](click const& c) { return c.user == user; });
};

using counts = std::map<std::string, std::uint64_t>;
counts counts_of(weir::run_result const& r) {
  counts all;
  for (auto const& c : r.counts) all[c.uid + ": " + c.what] += c.run;
  return all;
}

}  // namespace

TEST_CASE("basic_metrics counts records in and out of each operator") {
  std::vector<std::uint64_t> out;
  std::vector<click> late;
  auto const p = timed | is(1) | weir::map([](click const& c) { return c; }) | weir::uid<"copy"> |
                 weir::key_by(&click::user) |
                 weir::window(weir::tumbling_windows{.size = 50s}, weir::late_to<"late">) |
                 weir::aggregate(weir::count()) | weir::uid<"w"> |
                 weir::side<"late">(weir::map([](click const& c) { return c; }) | weir::into(late)) | number |
                 weir::into(out, weir::uid<"out">);
  counts const without = counts_of(weir::run(p));
  CHECK(without ==
        counts{{"clicks: out", 101}, {"clicks: malformed", 0}, {": in", 0}, {"out: in", 2}, {"w: late", 0}});
  counts const with = counts_of(weir::run(p, weir::basic_metrics{}));
  CHECK(with == counts{{"clicks: out", 101},
                       {"clicks: malformed", 0},
                       {"2 assign_timestamps: in", 101},
                       {"2 assign_timestamps: out", 101},
                       {"3 filter: in", 101},
                       {"3 filter: out", 33},
                       {"copy: in", 33},
                       {"copy: out", 33},
                       {"5 key_by: in", 33},
                       {"5 key_by: out", 33},
                       {"6 window: in", 33},
                       {"6 window: out", 33},
                       {"w: in", 33},
                       {"w: out", 2},
                       {"w: late", 0},
                       {"9 map: in", 0},
                       {"9 map: out", 0},
                       {": in", 0},
                       {"11 map: in", 2},
                       {"11 map: out", 2},
                       {"out: in", 2}});
  CHECK(out == std::vector<std::uint64_t>{17, 16, 17, 16});
}

TEST_CASE("basic_metrics in branches, merges and scopes: lines are those of describe") {
  std::vector<std::int64_t> out;
  auto const nameless = weir::from(input) | weir::assign_timestamps(&click::at, weir::monotonous_timestamps{});
  auto const count =
      weir::key_by(&click::user) | weir::reduce([](click a, click const&) { return a; }) | weir::uid<"r">;
  auto const p = weir::merge(nameless | is(0), nameless | is(2)) |
                 weir::branch(weir::scoped<"one">(count),
                              is(0) | weir::into([](click const&) {}, weir::uid<"zeros">), is(2)) |
                 weir::map(&click::user) | weir::into(out);
  INFO(weir::describe(p));
  counts const with = counts_of(weir::run(p, weir::basic_metrics{}, weir::batch_size{3}));
  CHECK(with == counts{{": out", 202},
                       {": malformed", 0},
                       {"3 assign_timestamps: in", 101},
                       {"3 assign_timestamps: out", 101},
                       {"4 filter: in", 101},
                       {"4 filter: out", 34},
                       {"6 assign_timestamps: in", 101},
                       {"6 assign_timestamps: out", 101},
                       {"7 filter: in", 101},
                       {"7 filter: out", 33},
                       {"8 branch: in", 67},
                       {"8 branch: out", 100},
                       {"10 key_by: in", 67},
                       {"10 key_by: out", 67},
                       {"one/r: in", 67},
                       {"one/r: out", 67},
                       {"12 filter: in", 67},
                       {"12 filter: out", 34},
                       {"zeros: in", 34},
                       {"14 filter: in", 67},
                       {"14 filter: out", 33},
                       {"15 map: in", 100},
                       {"15 map: out", 100},
                       {": in", 100}});
}
