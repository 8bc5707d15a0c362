#include <weir/time.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>

namespace {

using weir::duration;
using weir::floor_div;
using weir::floor_to;
using weir::from_ticks;
using weir::max_time;
using weir::min_time;
using weir::next_on_grid;
using weir::saturating_add;
using weir::saturating_sub;
using weir::ticks;
using weir::timestamp;

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
// The reference for what 64 bits cannot hold.
__extension__ using wide = __int128;

// The widest interval that floor_to takes, 146,000 years: above it the difference of two remainders may
// overflow.
constexpr std::int64_t widest = (std::int64_t{1} << 62) - 1;

constexpr timestamp at(std::int64_t t) { return from_ticks(t); }
constexpr duration us(std::int64_t d) { return duration{d}; }

constexpr timestamp clamped(wide t) {
  return t > highest ? max_time : t < lowest ? min_time : at(static_cast<std::int64_t>(t));
}

constexpr wide wide_floor(wide t, wide width, wide offset) {
  wide const rest = ((t - offset) % width + width) % width;
  return t - rest;
}

// A number of any size: each length in bits is as likely as the others, so that the ends are met often.
std::int64_t any_ticks(std::mt19937_64& random) {
  std::uint64_t const bits = random() >> (random() % 64);
  return static_cast<std::int64_t>(random() % 2 == 0 ? bits : ~bits);
}

}  // namespace

TEST_CASE("ticks and timestamps are the same number", "[time]") {
  STATIC_REQUIRE(ticks(at(5)) == 5);
  STATIC_REQUIRE(ticks(us(-5)) == -5);
  STATIC_REQUIRE(ticks(min_time) == lowest);
  STATIC_REQUIRE(ticks(max_time) == highest);
  STATIC_REQUIRE(std::is_same_v<timestamp, std::chrono::sys_time<std::chrono::microseconds>>);
  STATIC_REQUIRE(at(1'000'000) == std::chrono::sys_seconds{std::chrono::seconds{1}});
}

TEST_CASE("saturating_add stops at both ends", "[time]") {
  STATIC_REQUIRE(saturating_add(at(10), us(5)) == at(15));
  STATIC_REQUIRE(saturating_add(at(10), us(-15)) == at(-5));
  STATIC_REQUIRE(saturating_add(at(highest - 1), us(1)) == max_time);
  STATIC_REQUIRE(saturating_add(at(highest - 1), us(2)) == max_time);
  STATIC_REQUIRE(saturating_add(at(1), us(highest)) == max_time);
  STATIC_REQUIRE(saturating_add(at(lowest + 1), us(-1)) == min_time);
  STATIC_REQUIRE(saturating_add(at(lowest + 1), us(-2)) == min_time);
  STATIC_REQUIRE(saturating_add(at(-2), us(lowest)) == min_time);
}

TEST_CASE("saturating_sub stops at both ends", "[time]") {
  STATIC_REQUIRE(saturating_sub(at(10), us(15)) == at(-5));
  STATIC_REQUIRE(saturating_sub(at(10), us(-5)) == at(15));
  STATIC_REQUIRE(saturating_sub(at(lowest + 1), us(2)) == min_time);
  STATIC_REQUIRE(saturating_sub(at(-2), us(highest)) == min_time);
  STATIC_REQUIRE(saturating_sub(at(highest - 1), us(-2)) == max_time);
  STATIC_REQUIRE(saturating_sub(at(0), us(lowest)) == max_time);
  STATIC_REQUIRE(saturating_sub(at(-1), us(lowest)) == max_time);
}

TEST_CASE("for ever stays for ever", "[time]") {
  for (auto const d : {lowest, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, highest}) {
    CHECK(saturating_add(min_time, us(d)) == min_time);
    CHECK(saturating_add(max_time, us(d)) == max_time);
    CHECK(saturating_sub(min_time, us(d)) == min_time);
    CHECK(saturating_sub(max_time, us(d)) == max_time);
  }
}

TEST_CASE("floor_div rounds towards minus infinity", "[time]") {
  STATIC_REQUIRE(floor_div(7, 5) == 1);
  STATIC_REQUIRE(floor_div(5, 5) == 1);
  STATIC_REQUIRE(floor_div(0, 5) == 0);
  STATIC_REQUIRE(floor_div(-1, 5) == -1);
  STATIC_REQUIRE(floor_div(-5, 5) == -1);
  STATIC_REQUIRE(floor_div(-6, 5) == -2);
  STATIC_REQUIRE(floor_div(lowest, 1) == lowest);
  STATIC_REQUIRE(floor_div(lowest, highest) == -2);
  STATIC_REQUIRE(floor_div(highest, highest) == 1);
}

TEST_CASE("floor_to finds the interval that holds an instant", "[time]") {
  STATIC_REQUIRE(floor_to(at(0), us(10)) == at(0));
  STATIC_REQUIRE(floor_to(at(9), us(10)) == at(0));
  STATIC_REQUIRE(floor_to(at(10), us(10)) == at(10));
  STATIC_REQUIRE(floor_to(at(-1), us(10)) == at(-10));
  STATIC_REQUIRE(floor_to(at(-10), us(10)) == at(-10));
  STATIC_REQUIRE(floor_to(at(-11), us(10)) == at(-20));

  STATIC_REQUIRE(floor_to(at(2), us(10), us(3)) == at(-7));
  STATIC_REQUIRE(floor_to(at(3), us(10), us(3)) == at(3));
  STATIC_REQUIRE(floor_to(at(3), us(10), us(-7)) == at(3));
  STATIC_REQUIRE(floor_to(at(2), us(10), us(103)) == at(-7));

  STATIC_REQUIRE(floor_to(at(lowest + 1), us(1)) == at(lowest + 1));
  STATIC_REQUIRE(floor_to(at(lowest + 1), us(highest - 1)) ==
                 min_time);  // the interval starts before all time: held
  STATIC_REQUIRE(floor_to(at(widest - 1), us(widest)) == at(0));
}

TEST_CASE("next_on_grid is the first instant of the grid after a time", "[time]") {
  STATIC_REQUIRE(next_on_grid(at(0), us(10)) == at(10));
  STATIC_REQUIRE(next_on_grid(at(9), us(10)) == at(10));
  STATIC_REQUIRE(next_on_grid(at(10), us(10)) == at(20));
  STATIC_REQUIRE(next_on_grid(at(-1), us(10)) == at(0));
  STATIC_REQUIRE(next_on_grid(at(-10), us(10)) == at(0));
  STATIC_REQUIRE(next_on_grid(at(2), us(10), us(3)) == at(3));
  STATIC_REQUIRE(next_on_grid(at(3), us(10), us(-7)) == at(13));
}

TEST_CASE("next_on_grid at the ends of time", "[time]") {
  STATIC_REQUIRE(next_on_grid(max_time, us(10)) == max_time);
  STATIC_REQUIRE(next_on_grid(at(highest - 1), us(10)) == max_time);
  STATIC_REQUIRE(next_on_grid(min_time, us(1)) > min_time);
  constexpr timestamp first = next_on_grid(min_time, us(10));
  STATIC_REQUIRE(first > min_time);
  STATIC_REQUIRE(ticks(first) % 10 == 0);
  STATIC_REQUIRE(ticks(first) - (lowest + 1) <= 10);
}

TEST_CASE("time agrees with arithmetic in 128 bits", "[time]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 20'000; ++i) {
    std::int64_t const t = any_ticks(random);
    std::int64_t const d = any_ticks(random);
    std::int64_t const width = std::max<std::int64_t>(1, any_ticks(random) & widest);
    CAPTURE(t, d, width);
    if (at(t) != min_time && at(t) != max_time) {
      REQUIRE(saturating_add(at(t), us(d)) == clamped(static_cast<wide>(t) + d));
      REQUIRE(saturating_sub(at(t), us(d)) == clamped(static_cast<wide>(t) - d));
      REQUIRE(floor_to(at(t), us(width), us(d)) == clamped(wide_floor(t, width, d)));
      wide const next = wide_floor(t, width, d) + width;
      timestamp const found = next_on_grid(at(t), us(width), us(d));
      REQUIRE(found > at(t));
      // Where t + width is beyond all time there may be one more instant; max_time is "none that is of use".
      if (static_cast<wide>(t) + width < highest) REQUIRE(found == clamped(next));
    }
    REQUIRE(static_cast<wide>(floor_div(t, width)) * width == wide_floor(t, width, 0));
  }
}
