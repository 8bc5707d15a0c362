// The laws, run on every policy of weir and on models written as a user would.
#include "laws/aggregate_function.hpp"
#include "laws/assigner.hpp"
#include "laws/watermark_strategy.hpp"

#include <weir/aggregate/avg.hpp>
#include <weir/aggregate/collect.hpp>
#include <weir/aggregate/count.hpp>
#include <weir/aggregate/count_distinct.hpp>
#include <weir/aggregate/max.hpp>
#include <weir/aggregate/max_by.hpp>
#include <weir/aggregate/min.hpp>
#include <weir/aggregate/min_by.hpp>
#include <weir/aggregate/sum.hpp>
#include <weir/core/decimal.hpp>
#include <weir/watermark/bounded_out_of_orderness.hpp>
#include <weir/watermark/monotonous_timestamps.hpp>
#include <weir/watermark/punctuated.hpp>
#include <weir/watermark/with_idleness.hpp>
#include <weir/window/session_windows.hpp>
#include <weir/window/sliding_windows.hpp>
#include <weir/window/tumbling_windows.hpp>

#include <bitset>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace laws_test {

namespace {

struct reading {
  std::int64_t number;
  double real;
  std::uint16_t small;
  std::string name;
  std::string_view view;
  weir::duration took;
  weir::decimal<2> amount;
  bool operator==(reading const&) const = default;
};

std::vector<reading> readings(unsigned seed, int n) {
  std::mt19937 g(seed);
  std::vector<reading> all;
  static constexpr std::string_view names[] = {"a", "bb", "", "long enough to be on the heap of its own"};
  for (int i = 0; i < n; ++i) {
    std::int64_t const x = static_cast<std::int64_t>(g() % 21) - 10;
    std::string_view const name = names[g() % 4];
    all.push_back({x, static_cast<double>(x) / 7, static_cast<std::uint16_t>(g()), std::string(name), name,
                   weir::duration{x}, weir::decimal<2>::from_units(x * 3)});
  }
  return all;
}

// A user's own: bit i is set when some number was i modulo 64. Its accumulator is the result.
struct seen_bits {
  std::uint64_t zero() const { return 0; }
  void add(std::uint64_t& bits, reading const& r) const { bits |= std::uint64_t{1} << (r.number & 63); }
  void merge(std::uint64_t& bits, std::uint64_t later) const { bits |= later; }
  std::uint64_t result(std::uint64_t bits) const { return bits; }
};

// A user's own: behind by a tenth of what has passed since 1970.
struct lagging {
  static constexpr bool by_maximum = true;
  template <class V>
  weir::timestamp observe(weir::timestamp watermark, V const&, weir::timestamp at) const {
    weir::duration const since = at == weir::min_time ? weir::duration{} : at.time_since_epoch();
    return std::max(watermark, weir::saturating_sub(at, weir::duration{std::abs(weir::ticks(since) / 10)}));
  }
};

constexpr auto nearly = [](double a, double b) {
  return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + 1e-12;
};

}  // namespace

TEST_CASE("laws of aggregate functions") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    auto const all = readings(seed, 1 + static_cast<int>(seed));
    weir_laws::aggregate_function(weir::count(), all);
    weir_laws::aggregate_function(weir::sum(&reading::number), all);
    weir_laws::aggregate_function(weir::sum(&reading::small), all);
    weir_laws::aggregate_function(weir::sum(&reading::took), all);
    weir_laws::aggregate_function(weir::sum(&reading::amount), all);
    weir_laws::aggregate_function(weir::sum(&reading::real), all, nearly);
    weir_laws::aggregate_function(weir::avg(&reading::number), all);
    weir_laws::aggregate_function(weir::avg(&reading::amount), all);
    weir_laws::aggregate_function(weir::avg(&reading::real), all, nearly);
    weir_laws::aggregate_function(weir::min(&reading::number), all);
    weir_laws::aggregate_function(weir::min(&reading::name), all);
    weir_laws::aggregate_function(weir::max(&reading::view), all);
    weir_laws::aggregate_function(weir::max(&reading::real), all);
    weir_laws::aggregate_function(weir::min_by(&reading::number), all);
    weir_laws::aggregate_function(weir::max_by(&reading::real), all);
    weir_laws::aggregate_function(weir::count_distinct(&reading::number), all);
    weir_laws::aggregate_function(weir::count_distinct(&reading::view), all);
    weir_laws::aggregate_function(weir::collect(&reading::number), all);
    weir_laws::aggregate_function(weir::collect(&reading::view), all);
    weir_laws::aggregate_function(weir::sum(&reading::number) | weir::as<"total">, all);
    weir_laws::aggregate_function(seen_bits{}, all);
    // Wherever a NaN stands, it hides no number.
    auto some = all;
    for (std::size_t i = seed % 3; i < some.size(); i += 1 + seed % 4)
      some[i].real = std::numeric_limits<double>::quiet_NaN();
    auto const same = [](double a, double b) { return a == b || (a != a && b != b); };
    weir_laws::aggregate_function(weir::min(&reading::real), some, same);
    weir_laws::aggregate_function(weir::max(&reading::real), some, same);
  }
}

TEST_CASE("aggregate functions: what they give, and in what type") {
  using weir::aggregate_result_t;
  STATIC_REQUIRE(std::same_as<aggregate_result_t<decltype(weir::count()), reading>, std::int64_t>);
  STATIC_REQUIRE(
      std::same_as<aggregate_result_t<decltype(weir::sum(&reading::small)), reading>, std::uint64_t>);
  STATIC_REQUIRE(
      std::same_as<aggregate_result_t<decltype(weir::sum(&reading::amount)), reading>, weir::decimal<2>>);
  STATIC_REQUIRE(std::same_as<aggregate_result_t<decltype(weir::avg(&reading::number)), reading>, double>);
  STATIC_REQUIRE(std::same_as<aggregate_result_t<decltype(weir::max(&reading::view)), reading>, std::string>);
  STATIC_REQUIRE(!weir::aggregate_function<decltype(weir::sum(&reading::name)), reading>);
  STATIC_REQUIRE(!weir::aggregate_function<decltype(weir::avg(&reading::name)), reading>);
  STATIC_REQUIRE(!weir::aggregate_function<decltype(weir::avg(&reading::took)), reading>);
  STATIC_REQUIRE(!weir::aggregate_function<decltype(weir::sum(&reading::number)), int>);
  STATIC_REQUIRE(!weir::aggregate_function<decltype(weir::min([](reading const& r) { return r; })), reading>);

  auto const result = [](auto const& f, std::vector<reading> const& all) {
    return f.result(weir_laws::accumulate<std::remove_cvref_t<decltype(f)>, reading>(f, all));
  };
  std::vector<reading> all(3);
  all[0].number = 4, all[1].number = -2, all[2].number = 4;
  CHECK(result(weir::count(), all) == 3);
  CHECK(result(weir::sum(&reading::number), all) == 6);
  CHECK(result(weir::min(&reading::number), all) == -2);
  CHECK(result(weir::max(&reading::number), all) == 4);
  CHECK(result(weir::avg(&reading::number), all) == 2.0);
  CHECK(result(weir::count_distinct(&reading::number), all) == 2);
  CHECK(result(weir::collect(&reading::number), all) == std::vector<std::int64_t>{4, -2, 4});
  // Sums wrap, so that sliding windows can take away what they added.
  all[0].number = all[1].number = std::numeric_limits<std::int64_t>::max(), all[2].number = 2;
  CHECK(result(weir::sum(&reading::number), all) == 0);
}

TEST_CASE("laws of watermark strategies") {
  std::mt19937_64 g(7);
  std::vector<std::pair<int, weir::timestamp>> records;
  for (int i = 0; i < 300; ++i)
    records.push_back({i, weir::from_ticks(static_cast<std::int64_t>(g() % 5000) - 2000 + i * 10)});
  weir_laws::watermark_strategy(weir::monotonous_timestamps{}, records);
  for (weir::duration bound : {0us, 1us, 700us, 100000us})
    weir_laws::watermark_strategy(weir::bounded_out_of_orderness{bound}, records);
  weir_laws::watermark_strategy(lagging{}, records);
  weir_laws::watermark_strategy(weir::with_idleness{weir::bounded_out_of_orderness{700us}, 1s}, records);
  weir_laws::watermark_strategy(weir::with_idleness{lagging{}, 1s}, records);
  weir_laws::watermark_strategy(weir::punctuated([](int i, weir::timestamp at) {
                                  return i % 3 ? std::nullopt : std::optional(at - 5us);
                                }),
                                records);

  // The ends of what an ISO 8601 text can say.
  std::vector<std::pair<int, weir::timestamp>> const ends{{0, weir::min_time},
                                                          {0, weir::min_time + weir::tick},
                                                          {0, weir::max_time - weir::tick},
                                                          {0, weir::max_time}};
  weir_laws::watermark_strategy(weir::monotonous_timestamps{}, ends);
  weir_laws::watermark_strategy(weir::bounded_out_of_orderness{1h}, ends);
}

TEST_CASE("watermark strategies: the mark is one tick and the bound behind") {
  CHECK(weir::monotonous_timestamps{}.observe(weir::min_time, 0, weir::from_ticks(10)) == weir::from_ticks(9));
  CHECK(weir::bounded_out_of_orderness{4us}.observe(weir::min_time, 0, weir::from_ticks(10)) ==
        weir::from_ticks(5));
  CHECK(weir::bounded_out_of_orderness{4us}.observe(weir::from_ticks(8), 0, weir::from_ticks(10)) ==
        weir::from_ticks(8));
  auto const never = weir::punctuated([](int, weir::timestamp) { return std::optional<weir::timestamp>(); });
  CHECK(never.observe(weir::min_time, 0, weir::from_ticks(10)) == weir::min_time);
  STATIC_REQUIRE(!weir::watermark_strategy<decltype(never), std::string>);
  STATIC_REQUIRE(!weir::watermark_strategy<int, int>);
}

TEST_CASE("laws of assigners") {
  for (weir::duration offset : {0us, 3us, -9us}) {
    weir_laws::aligned_assigner(weir::tumbling_windows{10us, offset});
    weir_laws::aligned_assigner(weir::sliding_windows{100us, 10us, offset});
    weir_laws::aligned_assigner(weir::sliding_windows{25us, 10us, offset});
  }
  weir_laws::aligned_assigner(weir::sliding_windows{10us, 10us});
  weir_laws::gap_assigner(weir::session_windows{1us});
  STATIC_REQUIRE(!weir::aligned_assigner<weir::session_windows>);
  STATIC_REQUIRE(!weir::gap_assigner<weir::tumbling_windows>);

  weir_laws::refused_assigner(weir::tumbling_windows{}, "tumbling_windows");
  weir_laws::refused_assigner(weir::tumbling_windows{-1us}, "tumbling_windows");
  weir_laws::refused_assigner(weir::tumbling_windows{10us, 10us}, "tumbling_windows");
  weir_laws::refused_assigner(weir::tumbling_windows{10us, -10us}, "tumbling_windows");
  weir_laws::refused_assigner(weir::sliding_windows{10us}, "sliding_windows");
  weir_laws::refused_assigner(weir::sliding_windows{10us, 20us}, "sliding_windows");
  weir_laws::refused_assigner(weir::sliding_windows{10us, 5us, 5us}, "sliding_windows");
  weir_laws::refused_assigner(weir::sliding_windows{3h, 1us}, "sliding_windows");
  weir_laws::refused_assigner(weir::session_windows{}, "session_windows");
  weir_laws::refused_assigner(weir::session_windows{-1us}, "session_windows");
}

}  // namespace laws_test
