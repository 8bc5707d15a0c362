// branch, merge and side outputs by hand. (graph_differential_test.cpp compares them with the oracle.)
#include <weir/weir.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace branch_test {

namespace {

struct tick_of {
  std::string from;
  std::int64_t n;
};
constexpr auto time_of = [](tick_of const& t) { return weir::from_ticks(t.n); };
constexpr auto in_time = weir::assign_timestamps(time_of, weir::monotonous_timestamps{});
constexpr auto name = weir::map([](tick_of const& t) { return t.from + std::to_string(t.n); });
constexpr auto count_rows = weir::map([](auto const& w) {
  return w["key"_c] + std::to_string(weir::ticks(w["window_start"_c])) + ":" + std::to_string(w["count"_c]);
});
constexpr auto counts =
    weir::key_by(&tick_of::from) | weir::window(weir::tumbling_windows{10us}) | weir::aggregate(weir::count());
using strings = std::vector<std::string>;

constexpr auto to_int = weir::map([](int i) { return i; });
constexpr auto to_double = weir::map([](int i) { return i / 2.0; });
using ints = weir::stream<int>;
static_assert(weir::accepts<decltype(weir::branch(to_int, to_int)), ints>);
static_assert(not weir::accepts<decltype(weir::branch(to_int, to_double)), ints>);
static_assert(not weir::accepts<decltype(weir::branch(to_int, name)), ints>);
static_assert(
    not weir::accepts<decltype(weir::branch(in_time, in_time)), weir::stream<tick_of>>);  // two clocks
static_assert(not weir::accepts<decltype(weir::discard<"late">), ints>);
static_assert(not weir::accepts<decltype(weir::side<"late">(to_int)), ints>);
// Event time is kept where all open branches have it; the key is not.
using timed_ticks = weir::output_of<decltype(in_time | weir::key_by(&tick_of::from)), weir::stream<tick_of>>;
static_assert(weir::output_of<decltype(weir::branch(name, name)), timed_ticks>::timed);
static_assert(not weir::output_of<decltype(weir::branch(weir::filter([](tick_of const&) { return true; }))),
                                  timed_ticks>::keyed);

}  // namespace

TEST_CASE("branch: each chain gets each record, in the order of the chains") {
  std::vector<int> const in{1, 2, 3};
  for (std::size_t n : {1, 2, 4096}) {
    std::vector<int> out, closed;
    weir::run(
        weir::from(in) |
            weir::branch(weir::map([](int i) { return i; }), weir::into(closed),
                         weir::filter([](int i) { return i != 2; }) | weir::map([](int i) { return -i; })) |
            weir::into(out),
        weir::batch_size{n});
    CHECK(out == std::vector<int>{1, -1, 2, 3, -3});
    CHECK(closed == in);
  }
}

TEST_CASE("branch: chains in chains, and a chain used twice") {
  std::vector<int> const in{1, 2};
  std::vector<int> out;
  auto const plus = [](int n) { return weir::map([n](int i) { return i + n; }); };
  auto const both = weir::branch(plus(10), plus(20));
  weir::run(weir::from(in) | weir::branch(both, plus(0) | both) | both | weir::into(out));
  CHECK(out.size() == 2 * 4 * 2);
  CHECK(std::vector<int>(out.begin(), out.begin() + 4) == std::vector<int>{21, 31, 31, 41});
}

TEST_CASE("branch: a record that is given to several chains is moved only into the last") {
  strings const in{"a string that is long enough for the heap"};
  strings out;
  auto const take = weir::map([](std::string&& s) { return std::move(s); });
  weir::run(weir::from(in) | weir::map([](std::string const& s) { return s; }) |
            weir::branch(take, take, take) | weir::into(out));
  CHECK(out == strings{in[0], in[0], in[0]});
}

TEST_CASE("side: late records go to their chain, with their own time; discard counts them") {
  std::vector<tick_of> const in{{"a", 1}, {"a", 12}, {"a", 2}, {"a", 25}, {"b", 3}, {"b", 13}};
  auto const windows = weir::from(in) | in_time | weir::key_by(&tick_of::from) |
                       weir::window(weir::tumbling_windows{10us}, weir::late_to<"late">) |
                       weir::aggregate(weir::count()) | weir::uid<"w">;
  strings rows, late;
  auto const result =
      weir::run(windows | weir::side<"late">(name | weir::into(late)) | count_rows | weir::into(rows));
  CHECK(rows == strings{"a0:1", "a10:1", "a20:1"});
  CHECK(late == strings{"a2", "b3", "b13"});
  CHECK(result.count("w", "late") == 3);
  auto const dropped = weir::run(windows | weir::discard<"late"> | weir::into([](auto const&) {}));
  CHECK(dropped.count("late", "discarded") == 3);
}

TEST_CASE("merge: pipelines without event time are read one after the other") {
  std::vector<int> const a{1, 2, 3}, b{}, c{4, 5};
  for (std::size_t n : {1, 2, 4096}) {
    std::vector<int> out;
    weir::run(
        weir::merge(weir::from(a), weir::from(b), weir::merge(weir::from(c), weir::from(a))) | weir::into(out),
        weir::batch_size{n});
    CHECK(out == std::vector<int>{1, 2, 3, 4, 5, 1, 2, 3});
  }
}

TEST_CASE("merge: the source that is furthest behind is read; one that has ended holds nothing back") {
  std::vector<tick_of> const a{{"a", 5}, {"a", 30}, {"a", 31}}, b{{"b", 1}, {"b", 6}, {"b", 7}}, none;
  for (std::size_t n : {1, 2, 4096}) {
    strings out, rows;
    weir::run(weir::merge(weir::from(a) | in_time, weir::from(b) | in_time, weir::from(none) | in_time) |
                  weir::branch(name | weir::into(out), counts | count_rows | weir::into(rows)),
              weir::batch_size{n});
    // a4 is the mark of a5: b1, b6 and so on come before a30.
    CHECK(out == strings{"a5", "b1", "b6", "a30", "b7", "a31"});
    std::ranges::sort(rows);
    CHECK(rows == strings{"a0:1", "a30:2", "b0:3"});
  }
}

namespace {

// A live source: nothing comes at the first polls.
struct slow_source {
  using value_type = tick_of;
  static constexpr bool replayable = false;
  std::vector<tick_of> records;
  int quiet;

  struct reader {
    std::vector<tick_of> records;
    int quiet;
    std::size_t at = 0;
    reader(slow_source const& s, weir::source_context const&) : records(s.records), quiet(s.quiet) {}
    static std::size_t splits() { return 1; }
    auto poll(std::size_t, std::size_t max, auto) {
      std::size_t const left = quiet-- > 0 ? 0 : records.size() - at;
      return std::span<tick_of const>(records).subspan(at, std::min(max, left));
    }
    void consume(std::size_t, std::size_t n) { at += n; }
    bool ended(std::size_t) const { return at == records.size(); }
  };
};

}  // namespace

TEST_CASE("merge: a live source that is silent is passed over, and still holds the watermark back") {
  std::vector<tick_of> const fast{{"f", 1}, {"f", 30}, {"g", 2}, {"f", 50}, {"g", 3}};
  strings out, rows, late;
  weir::run(
      weir::merge(weir::from(slow_source{{{"s", 4}, {"s", 60}}, 8}) | in_time, weir::from(fast) | in_time) |
          weir::branch(name | weir::into(out),
                       weir::key_by(&tick_of::from) |
                           weir::window(weir::session_windows{10us}, weir::late_to<"late">) |
                           weir::aggregate(weir::count()) | weir::side<"late">(name | weir::into(late)) |
                           count_rows | weir::into(rows)),
      weir::batch_size{1});
  CHECK(out == strings{"f1", "f30", "g2", "f50", "g3", "s4", "s60"});
  CHECK(late.empty());  // by fast's own watermark g2 and g3 were
  std::ranges::sort(rows);
  CHECK(rows == strings{"f1:1", "f30:1", "f50:1", "g2:2", "s4:1", "s60:1"});
}

}  // namespace branch_test
