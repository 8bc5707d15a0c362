#include <weir/format/time_text.hpp>

#include "catch.hpp"

#include <fmt/format.h>

#include <random>
#include <string>

using namespace std::chrono_literals;
using std::chrono::sys_days;

namespace {
std::string written(weir::timestamp t) {
  char text[weir::max_timestamp_text];
  return {text, weir::write_timestamp(text, t)};
}
std::string written(weir::timestamp t, weir::epoch_unit unit) {
  char text[weir::max_timestamp_text];
  return {text, weir::write_epoch(text, t, unit)};
}
weir::timestamp const day = sys_days(std::chrono::year(2026) / 1 / 1);
}  // namespace

TEST_CASE("time text: ISO 8601 that is read") {
  weir::timestamp t;
  auto const reads = [&](std::string_view text, weir::timestamp wanted) {
    CAPTURE(text);
    t = {};
    CHECK(weir::parse_timestamp(text, t));
    CHECK(weir::ticks(t) == weir::ticks(wanted));
  };
  reads("2026-01-01T00:10:00Z", day + 10min);
  reads("2026-01-01 00:10:00", day + 10min);
  reads("2026-01-01", day);
  reads("2026-01-01T00:00:00.5Z", day + 500ms);
  reads("2026-01-01T00:00:00.000001Z", day + 1us);
  reads("2026-01-01T00:00:00.123456789Z", day + 123456us);
  reads("2026-01-01T02:00:00+02:00", day);
  reads("2025-12-31T18:30:00.25-05:30", day + 250ms);
  reads("2024-02-29T00:00:00Z", sys_days(std::chrono::year(2024) / 2 / 29));
  reads("1969-12-31T23:59:59.75Z", weir::timestamp{-250ms});
  reads("0000-01-01T00:00:00Z", sys_days(std::chrono::year(0) / 1 / 1));
  reads("+012026-01-01T00:00:00Z", sys_days(std::chrono::year(12026) / 1 / 1));
}

TEST_CASE("time text: an offset may lead to the day before or after") {
  for (int const time : {0, 1, 3599, 3600, 7200, 43200, 86399})
    for (int const offset : {0, 1, 59, 60, 120, 330, 720, 1439})
      for (char const sign : {'+', '-'}) {
        std::string const text = fmt::format("2026-01-01T{:02}:{:02}:{:02}{}{:02}:{:02}", time / 3600,
                                             time / 60 % 60, time % 60, sign, offset / 60, offset % 60);
        CAPTURE(text);
        weir::timestamp t;
        CHECK(weir::parse_timestamp(text, t));
        CHECK(weir::ticks(t) == weir::ticks(day + std::chrono::seconds(time) -
                                            std::chrono::minutes(sign == '+' ? offset : -offset)));
      }
}

TEST_CASE("time text: ISO 8601 that is refused") {
  for (std::string_view text : {"",
                                "2026",
                                "2026-1-1",
                                "2026-01-0",
                                "2026-13-01",
                                "2026-00-01",
                                "2026-01-00",
                                "2026-01-32",
                                "2026-04-31",
                                "2025-02-29",
                                "1900-02-29",
                                "2026-01-01T",
                                "2026-01-01T24:00:00Z",
                                "2026-01-01T00:60:00Z",
                                "2026-01-01T00:00:60Z",
                                "2026-01-01T00:00Z",
                                "2026-01-01T00:00:00.Z",
                                "2026-01-01T00:00:00.1234567890Z",
                                "2026-01-01T00:00:00z",
                                "2026-01-01t00:00:00Z",
                                "2026-01-01T00:00:00Zx",
                                "2026-01-01T00:00:00+0200",
                                "2026-01-01T00:00:00+24:00",
                                "2026-01-01T00:00:00+02:60",
                                "2026-01-01T00:00:00+2:00",
                                " 2026-01-01",
                                "2026-01-01 ",
                                "2026/01/01",
                                "2026-01-01T0a:00:00Z",
                                "20260101T000000Z",
                                "-000000-01-01",
                                "+999999-01-01",
                                "+2026-01-01",
                                "2026-01-01Z",
                                "\xb2\xb0\xb2\xb6-01-01"}) {
    CAPTURE(text);
    weir::timestamp t = day;
    CHECK_FALSE(weir::parse_timestamp(text, t));
    CHECK((t == day));
  }
}

TEST_CASE("time text: written with a fraction only when it is not zero") {
  CHECK(written(day + 10min) == "2026-01-01T00:10:00Z");
  CHECK(written(day + 5ms) == "2026-01-01T00:00:00.005Z");
  CHECK(written(day + 5us) == "2026-01-01T00:00:00.000005Z");
  CHECK(written(weir::timestamp{-1us}) == "1969-12-31T23:59:59.999999Z");
  CHECK(written(sys_days(std::chrono::year(12026) / 1 / 1)) == "+012026-01-01T00:00:00Z");
}

TEST_CASE("time text: every timestamp comes back, and the calendar is chrono's") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  auto const returns = [](weir::timestamp t) {
    weir::timestamp back;
    REQUIRE(weir::parse_timestamp(written(t), back));
    REQUIRE(weir::ticks(back) == weir::ticks(t));
    auto const micros = std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch());
    CAPTURE(micros.count());
    REQUIRE(weir::parse_epoch(written(t, weir::epoch_unit::seconds), weir::epoch_unit::seconds, back));
    REQUIRE(weir::ticks(back) == weir::ticks(t));
    REQUIRE(
        weir::parse_epoch(written(t, weir::epoch_unit::milliseconds), weir::epoch_unit::milliseconds, back));
    REQUIRE(weir::ticks(back) == weir::ticks(t));
    REQUIRE(
        weir::parse_epoch(written(t, weir::epoch_unit::microseconds), weir::epoch_unit::microseconds, back));
    REQUIRE(weir::ticks(back) == weir::ticks(t));
  };
  returns(weir::min_time);
  returns(weir::min_time + 1us);
  returns(weir::max_time);
  for (int i = 0; i < 3000; ++i)
    returns(weir::from_ticks(static_cast<std::int64_t>(random()) >> (random() % 40)));
  for (int i = -1'000'000; i < 4'000'000; i += 37) {
    std::chrono::year_month_day const date{sys_days{std::chrono::days{i}}};
    auto const mine = weir::detail::civil_from_days(i);
    REQUIRE((mine.year == int(date.year()) && mine.month == unsigned(date.month()) &&
             mine.day == unsigned(date.day())));
    REQUIRE(weir::detail::days_from_civil(mine.year, mine.month, mine.day) == i);
  }
}

TEST_CASE("time text: numbers since 1970") {
  weir::timestamp t;
  using weir::epoch_unit;
  auto const reads = [&](std::string_view text, epoch_unit unit, std::int64_t wanted) {
    CAPTURE(text);
    CHECK(weir::parse_epoch(text, unit, t));
    CHECK(weir::ticks(t) == wanted);
  };
  reads("1", epoch_unit::seconds, 1'000'000);
  reads("1.25", epoch_unit::seconds, 1'250'000);
  reads("-1.25", epoch_unit::seconds, -1'250'000);
  reads("-0.5", epoch_unit::milliseconds, -500);
  reads("17", epoch_unit::milliseconds, 17'000);
  reads("17", epoch_unit::microseconds, 17);
  reads("1999", epoch_unit::nanoseconds, 1);
  reads("-1", epoch_unit::nanoseconds, -1);
  reads("-1000.5", epoch_unit::nanoseconds, -2);
  reads("0.9999999", epoch_unit::seconds, 999'999);
  reads("-0.0000001", epoch_unit::seconds, -1);
  for (std::string_view text :
       {"", "-", "+1", "1.", ".5", "1e3", "1 ", "1.1234567890", "9223372036854775807", "1.5x"}) {
    CAPTURE(text);
    CHECK_FALSE(weir::parse_epoch(text, epoch_unit::seconds, t));
  }
  CHECK(written(weir::timestamp{-1500ms}, epoch_unit::seconds) == "-1.5");
  CHECK(written(weir::timestamp{1us}, epoch_unit::nanoseconds) == "1000");
  CHECK(written(weir::timestamp{}, epoch_unit::nanoseconds) == "0");
}
