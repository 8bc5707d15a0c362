#include <weir/core/decimal.hpp>

#include "catch.hpp"

#include <algorithm>
#include <random>
#include <vector>

using cents = weir::decimal<2>;
static_assert(std::is_trivially_copyable_v<cents> && sizeof(cents) == 8);
static_assert(cents("12.5").units() == 1250 && cents("-0.01").units() == -1);
static_assert(cents(500) < cents("500.01") && cents(500) == 500);
static_assert(!std::is_convertible_v<double, cents> && !std::is_constructible_v<cents, double>);
static_assert(std::is_constructible_v<double, cents> && !std::is_convertible_v<cents, double>);
static_assert(cents() == 0 && cents("1.10") + cents("2.20") == cents("3.30") &&
              3 * cents("0.10") == cents(".3"));
static_assert(std::numeric_limits<cents>::max().units() == std::numeric_limits<std::int64_t>::max());

TEST_CASE("decimal: text that is exactly such a number") {
  cents value;
  for (auto [text, units] : std::initializer_list<std::pair<char const*, std::int64_t>>{
           {"0", 0},
           {"-0", 0},
           {"7", 700},
           {"7.", 700},
           {".07", 7},
           {"-7.5", -750},
           {"1.230000", 123},
           {"007.10", 710},
           {"92233720368547758.07", std::numeric_limits<std::int64_t>::max()},
           {"-92233720368547758.08", std::numeric_limits<std::int64_t>::min()},
           {"00000000000000000000000001.00000000000000000000000000", 100}}) {
    CAPTURE(text);
    CHECK(cents::parse(text, value));
    CHECK(value.units() == units);
  }
}

TEST_CASE("decimal: text that is not") {
  cents value = 5;
  for (char const* text : {"",
                           "-",
                           ".",
                           "-.",
                           "+1",
                           " 1",
                           "1 ",
                           "1,5",
                           "1.234",
                           "1.001",
                           "1e3",
                           "--1",
                           "1..2",
                           "1.2.3",
                           "0x1",
                           "92233720368547758.08",
                           "-92233720368547758.09",
                           "99999999999999999999",
                           "nan",
                           "inf"}) {
    CAPTURE(text);
    CHECK_FALSE(cents::parse(text, value));
    CHECK(value == 5);
    CHECK_THROWS_AS(cents::from_text(text), weir::format_error);
  }
}

TEST_CASE("decimal: written with all its digits, and read back") {
  CHECK(cents("0").to_string() == "0.00");
  CHECK(cents("-0.05").to_string() == "-0.05");
  CHECK(weir::decimal<0>(12).to_string() == "12");
  CHECK(std::numeric_limits<cents>::min().to_string() == "-92233720368547758.08");
  CHECK(std::numeric_limits<weir::decimal<18>>::min().to_string() == "-9.223372036854775808");
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000; ++i) {
    auto const units = static_cast<std::int64_t>(random()) >> (random() % 64);
    auto const a = cents::from_units(units);
    auto const b = weir::decimal<18>::from_units(units);
    REQUIRE(cents::from_text(a.to_string()) == a);
    REQUIRE(weir::decimal<18>::from_text(b.to_string()) == b);
  }
}

TEST_CASE("decimal: what does not fit throws") {
  auto const most = std::numeric_limits<cents>::max();
  auto const least = std::numeric_limits<cents>::min();
  CHECK_THROWS_AS(most + cents("0.01"), weir::error);
  CHECK_THROWS_AS(least - cents("0.01"), weir::error);
  CHECK_THROWS_AS(-least, weir::error);
  CHECK_THROWS_AS(most * 2, weir::error);
  CHECK_THROWS_AS(cents(std::numeric_limits<std::int64_t>::max()), weir::error);
  CHECK_THROWS_AS(cents(std::numeric_limits<std::uint64_t>::max()), weir::error);
}

TEST_CASE("decimal: a sum is the same in any order") {
  std::vector<cents> amounts;
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) amounts.push_back(cents::from_units(random() % 1'000'000));
  auto const sum = [&] {
    cents total{};
    for (auto a : amounts) total += a;
    return total;
  };
  auto const before = sum();
  std::shuffle(amounts.begin(), amounts.end(), random);
  CHECK(sum() == before);
  CHECK(std::hash<cents>{}(before) == std::hash<cents>{}(sum()));
  CHECK(double(cents("2.25")) == 2.25);
}
