#include <weir/weir.hpp>

#include <weir/testing.hpp>

#include "catch.hpp"

#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir::from_ticks;

namespace assign_timestamps_test {

namespace {

struct reading {
  std::int64_t at, value;
};
constexpr auto time_of = [](reading const& r) { return from_ticks(r.at); };

template <class Op>
constexpr bool takes_reading = weir::accepts<Op, weir::stream<reading>>;
constexpr auto bounded = weir::bounded_out_of_orderness{3us};
static_assert(takes_reading<decltype(weir::assign_timestamps(time_of, bounded))>);
static_assert(
    not takes_reading<decltype(weir::assign_timestamps([](reading const& r) { return r.at; }, bounded))>);
static_assert(not takes_reading<decltype(weir::assign_timestamps(
                  [](std::string const&) { return weir::timestamp(); }, bounded))>);
static_assert(not takes_reading<decltype(weir::assign_timestamps(time_of, 3us))>);
// The key is kept: time does not change what a record is.
using keyed = weir::output_of<decltype(weir::key_by(&reading::value)), weir::stream<reading>>;
using timed = weir::output_of<decltype(weir::assign_timestamps(time_of, bounded)), keyed>;
static_assert(timed::timed && timed::keyed && not keyed::timed);

// What a process function is told of each record: its time and the watermark that it is judged by.
struct told {
  std::int64_t at, watermark;
  bool operator==(told const&) const = default;
};
struct tells {
  using output = told;
  template <class C, class E>
  void on_record(reading const&, C& context, E const& emit) {
    emit(told{weir::ticks(context.time()), weir::ticks(context.watermark())});
  }
};
constexpr std::int64_t start = weir::ticks(weir::min_time);

template <class Strategy>
std::vector<told> judged(std::vector<std::int64_t> const& times, Strategy strategy) {
  auto const once = [&](std::size_t batch) {
    std::vector<reading> in;
    for (std::int64_t t : times) in.push_back({t, 0});
    std::vector<told> out;
    weir::run(weir::from(in) | weir::assign_timestamps(time_of, strategy) | weir::key_by(&reading::value) |
                  weir::process<"tells">(tells{}) | weir::into(out),
              weir::batch_size{batch});
    return out;
  };
  auto const one = once(1);
  for (std::size_t batch : {2, 3, 4096}) CHECK(once(batch) == one);
  return one;
}

}  // namespace

TEST_CASE("a record is judged by the watermark that the records before it made") {
  // The watermark is the largest timestamp so far - bound - 1 tick, and never falls.
  CHECK(judged({10, 20, 12, 15, 30}, bounded) ==
        std::vector<told>{{10, start}, {20, 6}, {12, 16}, {15, 16}, {30, 16}});
  CHECK(judged({10, 11, 11, 14}, weir::monotonous_timestamps{}) ==
        std::vector<told>{{10, start}, {11, 9}, {11, 10}, {14, 10}});
}

TEST_CASE("a bound below zero is refused") {
  CHECK_THROWS_AS(judged({10}, weir::bounded_out_of_orderness{-1us}), weir::config_error);
  CHECK(judged({10, 11}, weir::bounded_out_of_orderness{}) == judged({10, 11}, weir::monotonous_timestamps{}));
}

TEST_CASE("punctuated: only some records move the watermark") {
  auto const marks =
      weir::punctuated{[](reading const& r, weir::timestamp at) -> std::optional<weir::timestamp> {
        return r.at % 10 == 0 ? std::optional(at) : std::nullopt;
      }};
  CHECK(judged({10, 15, 25, 20, 5, 21}, marks) ==
        std::vector<told>{{10, start}, {15, 10}, {25, 10}, {20, 10}, {5, 20}, {21, 20}});
}

TEST_CASE("timestamps before 1970 and at the beginning of time") {
  CHECK(judged({-20, -10, start, start + 2, 5}, bounded) ==
        std::vector<told>{{-20, start}, {-10, -24}, {start, -14}, {start + 2, -14}, {5, -14}});
}

TEST_CASE("more than one block of records, with a deadline in one of them") {
  // Windows of 700 over 4,096 records a batch: some blocks cannot reach a deadline, some hold one, the last is short.
  std::vector<reading> in;
  for (std::int64_t i = 0; i < 5000; ++i) in.push_back({i - i % 3, 1});
  auto const rows = [&](std::size_t batch) {
    std::vector<std::pair<std::int64_t, std::int64_t>> out;
    weir::run(weir::from(in) | weir::assign_timestamps(time_of, bounded) | weir::key_by(&reading::value) |
                  weir::window(weir::tumbling_windows{700us}) | weir::aggregate(weir::count()) |
                  weir::map([](auto const& w) {
                    using namespace weir::literals;
                    return std::pair{weir::ticks(w["window_start"_c]), w["count"_c]};
                  }) |
                  weir::into(out),
              weir::batch_size{batch});
    return out;
  };
  auto const one = rows(1);
  CHECK(one.size() == 8);
  for (std::size_t batch : {255, 256, 257, 512, 1000, 4096}) CHECK(rows(batch) == one);
}

TEST_CASE("a record of a lazy view is made once") {
  for (std::size_t batch : {1, 3, 4096}) {
    std::int64_t made = 0, counted = 0;
    auto const draws = std::views::iota(0, 1000) | std::views::transform([&made](int i) {
                         ++made;
                         return reading{i, 1};
                       });
    weir::run(weir::from(draws) | weir::assign_timestamps(time_of, bounded) | weir::key_by(&reading::value) |
                  weir::window(weir::tumbling_windows{700us}) | weir::aggregate(weir::count()) |
                  weir::into([&counted](auto const& w) {
                    using namespace weir::literals;
                    counted += w["count"_c];
                  }),
              weir::batch_size{batch});
    CHECK(made == 1000);
    CHECK(counted == 1000);
  }
}

TEST_CASE("time can be assigned anew further down") {
  std::vector<told> out;
  std::vector<reading> const in{{10, 0}, {20, 0}};
  weir::run(weir::from(in) | weir::assign_timestamps(time_of, weir::monotonous_timestamps{}) |
            weir::map([](reading const& r) {
              return reading{r.at + 100, 0};
            }) |
            weir::assign_timestamps(time_of, bounded) | weir::key_by(&reading::value) |
            weir::process<"tells">(tells{}) | weir::into(out));
  CHECK(out == std::vector<told>{{110, start}, {120, 106}});
}

}  // namespace assign_timestamps_test
