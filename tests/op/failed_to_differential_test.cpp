// Operators with functions that throw at random, against the same ones with functions that never do.
#include "catch.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

namespace failed_to_differential_test {

namespace {

struct change {
  std::int64_t key, value;
  weir::timestamp at;
  bool bad_key, bad_value;
};
using line = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

std::vector<change> random_changes(std::mt19937& random) {
  std::vector<change> all(random() % 400);
  std::int64_t now = 0;
  for (change& c : all) {
    now += static_cast<std::int64_t>(random() % 3'000'000);
    auto const back = static_cast<std::int64_t>(random() % 8'000'000);
    c = {static_cast<std::int64_t>(random() % 5), static_cast<std::int64_t>(random() % 100),
         weir::from_ticks(std::max<std::int64_t>(0, now - back)), random() % 10 == 0, random() % 10 == 0};
  }
  return all;
}
constexpr auto key_of = [](change const& c) {
  if (c.bad_key) throw std::runtime_error("key");
  return c.key;
};
constexpr auto value_of = [](change const& c) {
  if (c.bad_value) throw std::runtime_error("value");
  return c.value;
};
auto const in_time = weir::assign_timestamps(&change::at, weir::bounded_out_of_orderness{5s});

// Rows, in any order at one instant: they come out of hash tables.
template <class Pipeline>
std::vector<line> rows_of(Pipeline const& p, std::size_t batch) {
  std::vector<line> out;
  weir::run(p | weir::into([&](auto const& row) {
              out.emplace_back(weir::ticks(row["window_end"_c]), row["key"_c],
                               row["sum"_c] * 1'000 + row["count"_c]);
            }),
            weir::batch_size{batch});
  std::ranges::sort(out);
  return out;
}

// State with a ttl, timers and results, then perhaps an exception; Inside: it says so itself.
template <bool Inside>
struct noisy {
  using output = std::int64_t;
  using side_outputs = weir::side_outputs<weir::side_output<"told", std::int64_t>>;
  weir::value_state<std::int64_t, "sum", weir::event_time_ttl> sum{{.after = 4s}};
  weir::value_state<std::int64_t, "count"> count;
  auto states() { return std::tie(sum, count); }
  template <class Context, class Emit>
  void on_record(change const& c, Context& context, Emit const& emit) {
    if (c.value < 20) context.set_timer(context.time() + std::chrono::seconds{c.value % 7});
    if (c.value > 90) count.clear();
    if (c.value % 2 == 0) sum.get() += c.value;
    if (c.value % 3 == 0) count.get() += 1;
    emit((sum ? *sum : -1) * 1'000 + (count ? *count : -1));
    if (!c.bad_value) return emit(c.key);
    if constexpr (!Inside) throw std::runtime_error("value");
    context.side(weir::to<"told">, c.value);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) {
    emit(-((sum ? *sum : -1) * 1'000 + (count ? *count : -1)) - context.key());
  }
};

}  // namespace

TEST_CASE("process: a function that throws, against one that returns instead") {
  auto const seed = static_cast<unsigned>(std::random_device{}());
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 30; ++round) {
    auto const changes = random_changes(random);
    std::vector<std::int64_t> first, first_told;
    for (std::size_t batch : {1, 2, 3, 7, 4096}) {
      std::vector<std::int64_t> thrown, told, bad, out;
      auto const keyed = weir::from(changes) | in_time | weir::key_by(&change::key);
      weir::run(
          keyed | weir::process<"f">(noisy<false>{}) | weir::failed_to<"bad"> |
              weir::side<"bad">(weir::map([](auto const& f) { return f.record.value; }) | weir::into(bad)) |
              weir::discard<"told"> | weir::into(thrown),
          weir::batch_size{batch});
      weir::run(
          keyed | weir::process<"f">(noisy<true>{}) | weir::side<"told">(weir::into(told)) | weir::into(out),
          weir::batch_size{batch});
      CHECK(thrown == out);
      CHECK(bad == told);
      if (batch == 1) first = out, first_told = told;
      CHECK(out == first);
      CHECK(told == first_told);
    }
  }
}

TEST_CASE("aggregate: functions and keys that throw, against records that are filtered out before") {
  auto const seed = static_cast<unsigned>(std::random_device{}());
  CAPTURE(seed);
  std::mt19937 random(seed);
  auto const good = weir::filter([](change const& c) { return !c.bad_key && !c.bad_value; });
  for (int round = 0; round < 10; ++round) {
    auto const changes = random_changes(random);
    auto const compare = [&](auto const& window) {
      auto const timed = weir::from(changes) | in_time;
      auto const expected =
          rows_of(timed | good | weir::key_by(&change::key) | window |
                      weir::aggregate(weir::count(), weir::sum(&change::value)) | weir::discard<"late">,
                  1);
      for (std::size_t batch : {1, 2, 3, 7, 4096})
        CHECK(rows_of(timed | weir::key_by(key_of) | window |
                          weir::aggregate(weir::count(), weir::sum(value_of)) | weir::skip_failed |
                          weir::discard<"late">,
                      batch) == expected);
    };
    compare(weir::window(weir::tumbling_windows{.size = 10s}, weir::late_to<"late">));
    compare(
        weir::window(weir::tumbling_windows{.size = 10s}, weir::allowed_lateness{3s}, weir::late_to<"late">));
    compare(weir::window(weir::sliding_windows{.size = 10s, .slide = 5s}, weir::late_to<"late">));
    compare(weir::window(weir::session_windows{.gap = 2s}, weir::late_to<"late">));
  }
}

TEST_CASE("reduce: a function that throws, against records that are filtered out before") {
  auto const seed = static_cast<unsigned>(std::random_device{}());
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 30; ++round) {
    auto const changes = random_changes(random);
    auto const add = [](change const& a, change const& b) {
      if (b.bad_value) throw std::runtime_error("value");
      return change{a.key, a.value + b.value, b.at, false, false};
    };
    // The first record of a key meets no function.
    std::vector<std::int64_t> expected, sums(5, -1);
    for (change const& c : changes) {
      auto& sum = sums[static_cast<std::size_t>(c.key)];
      if (c.bad_key || (c.bad_value && sum >= 0)) continue;
      sum = std::max<std::int64_t>(sum, 0) + c.value;
      expected.push_back(sum);
    }
    for (std::size_t batch : {1, 2, 3, 7, 4096}) {
      std::vector<std::int64_t> out;
      auto const result =
          weir::run(weir::from(changes) | weir::key_by(key_of) | weir::reduce(add) | weir::uid<"add"> |
                        weir::skip_failed | weir::map(&change::value) | weir::into(out),
                    weir::batch_size{batch});
      CHECK(out == expected);
      CHECK(out.size() + result.count("add", "failed") == changes.size());
    }
  }
}

}  // namespace failed_to_differential_test
