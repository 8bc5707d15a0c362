// Timestamps as text: ISO 8601, or a number since 1970 with a stated unit.
#pragma once

#include <weir/format/scan.hpp>
#include <weir/time.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace weir {

// The unit of a timestamp that is written as a number since 1970-01-01T00:00:00Z.
enum class epoch_unit : std::uint8_t { seconds, milliseconds, microseconds, nanoseconds };

// How timestamps stand in a text: an epoch number, or ISO 8601 where there is no unit.
using time_form = std::optional<epoch_unit>;

// Room that write_timestamp and write_epoch need.
inline constexpr std::size_t max_timestamp_text = 32;

namespace detail {

// Days since 1970-01-01 in the proleptic Gregorian calendar; the year starts in March, so that the leap day is
// its last.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  std::int64_t const era = floor_div(year, 400);
  auto const year_of_era = static_cast<std::uint32_t>(year - era * 400);
  std::uint32_t const day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  std::uint32_t const day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct civil_date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};
constexpr civil_date civil_from_days(std::int64_t days) {
  days += 719468;
  std::int64_t const era = floor_div(days, 146097);
  auto const day_of_era = static_cast<std::uint32_t>(days - era * 146097);
  std::uint32_t const year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  std::uint32_t const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  std::uint32_t const month = (5 * day_of_year + 2) / 153;
  unsigned const day = day_of_year - (153 * month + 2) / 5 + 1;
  unsigned const civil_month = month < 10 ? month + 3 : month - 9;
  return {era * 400 + year_of_era + (civil_month <= 2), civil_month, day};
}

constexpr unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

// Eight characters at once. The pattern has '0' where a digit must stand and else the character itself. Gives,
// in byte i, the number made of the digits i and i+1; `bad` gets a bit where something else stands.
inline std::uint64_t digit_pairs(char const* p, std::uint64_t pattern, std::uint64_t& bad) {
  std::uint64_t const digits = load_eight(p) ^ pattern;
  std::uint64_t limit = 0;  // adding it reaches bit 7 from 10 on where a digit must stand, else from 1 on
  for (unsigned i = 0; i < 64; i += 8)
    limit |= (((pattern >> i) & 0xff) == '0' ? std::uint64_t{0x76} : std::uint64_t{0x7f}) << i;
  bad |= (digits | (digits + limit)) & 0x8080808080808080u;
  return digits * 10 + (digits >> 8);
}
consteval std::uint64_t eight(char const (&text)[9]) {
  std::uint64_t bytes = 0;
  for (unsigned i = 0; i < 8; ++i) bytes |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  return bytes;
}
constexpr unsigned pair_at(std::uint64_t pairs, unsigned byte) { return (pairs >> (8 * byte)) & 0xff; }

// Reads `n` digits; false where there are others.
inline bool take_digits(char const*& p, char const* end, unsigned n, unsigned& value) {
  if (end - p < static_cast<std::ptrdiff_t>(n)) return false;
  value = 0;
  for (; n > 0; --n, ++p) {
    unsigned const digit = static_cast<unsigned char>(*p) - unsigned{'0'};
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return true;
}

// A fraction's digits as microseconds: what is finer than weir's tick is cut off. One to nine digits.
WEIR_INLINE bool take_fraction(char const*& p, char const* end, unsigned& microseconds) {
  if (end - p >= 8) [[likely]] {
    std::uint64_t const bytes = load_eight(p);
    unsigned const places = leading_digits(bytes);
    if (places - 1 < 6) [[likely]] {
      microseconds = static_cast<unsigned>(digits_value(bytes, places) * small_powers[6 - places]);
      p += places;
      return true;
    }
  }
  microseconds = 0;
  unsigned places = 0;
  for (; p != end && is_digit(*p); ++p, ++places)
    if (places < 6) microseconds = microseconds * 10 + static_cast<unsigned>(*p - '0');
  for (unsigned i = places; i < 6; ++i) microseconds *= 10;
  return places > 0 && places <= 9;
}

// Z, ±hh:mm, or nothing, which means UTC.
inline bool take_offset(char const*& p, char const* end, int& minutes) {
  minutes = 0;
  if (p == end) return true;
  if (*p == 'Z') return ++p, true;
  if (*p != '+' && *p != '-') return true;
  bool const west = *p++ == '-';
  unsigned hour = 0;
  unsigned minute = 0;
  if (!take_digits(p, end, 2, hour) || p == end || *p++ != ':' || !take_digits(p, end, 2, minute)) return false;
  minutes = static_cast<int>(hour * 60 + minute) * (west ? -1 : 1);
  return hour < 24 && minute < 60;
}

// [date], or [date]T[time] with a fraction and an offset; gives where it ends, nullptr where there is none.
inline char const* scan_timestamp(char const* p, char const* end, timestamp& value) {
  if (end - p < 10) return nullptr;
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
  std::uint64_t bad = 0;
  if (*p == '+' || *p == '-') [[unlikely]] {  // ISO 8601's expanded years: a sign and six digits
    bool const negative = *p++ == '-';
    unsigned digits = 0;
    if (!take_digits(p, end, 6, digits) || p == end || *p++ != '-' || !take_digits(p, end, 2, month) ||
        p == end || *p++ != '-' || !take_digits(p, end, 2, day) || (negative && digits == 0))
      return nullptr;
    year = negative ? -std::int64_t{digits} : digits;
  } else {
    std::uint64_t const pairs = digit_pairs(p, eight("0000-00-"), bad);
    year = pair_at(pairs, 0) * 100 + pair_at(pairs, 2);
    month = pair_at(pairs, 5);
    p += 8;
    if (!take_digits(p, end, 2, day)) return nullptr;
  }
  if (bad != 0 || month - 1 > 11 || day - 1 > 27) {
    if (bad != 0 || month - 1 > 11 || day == 0 || day > days_in_month(year, month)) return nullptr;
  }
  std::int64_t seconds = days_from_civil(year, month, day) * 86400;
  unsigned fraction = 0;
  if (p != end && (*p == 'T' || *p == ' ')) {
    if (end - p < 9) return nullptr;
    std::uint64_t const pairs = digit_pairs(++p, eight("00:00:00"), bad);
    unsigned const hour = pair_at(pairs, 0);
    unsigned const minute = pair_at(pairs, 3);
    unsigned const second = pair_at(pairs, 6);
    if (bad != 0 || hour > 23 || minute > 59 || second > 59) return nullptr;
    p += 8;
    if (p != end && *p == '.' && !take_fraction(++p, end, fraction)) return nullptr;
    int offset = 0;
    if (!take_offset(p, end, offset)) return nullptr;
    seconds +=
        static_cast<std::int64_t>(hour * 3600 + minute * 60 + second) - offset * 60;  // may be the day before
  }
  std::int64_t total = 0;
  // Down from the next second for times before 1970, so that the very first instants do not overflow on the
  // way.
  bool const down = seconds < 0 && fraction != 0;
  if (__builtin_mul_overflow(seconds + down, 1'000'000, &total) ||
      __builtin_add_overflow(total, static_cast<std::int64_t>(fraction) - (down ? 1'000'000 : 0), &total))
    return nullptr;
  value = from_ticks(total);
  return p;
}

inline char* write_digits(char* out, unsigned value, unsigned n) {
  for (unsigned i = n; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + n;
}

}  // namespace detail

// Reads YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss (a space may stand for the T) with an optional fraction of one to
// nine digits (those behind the microseconds are cut off) and an optional Z or ±hh:mm; without one it is UTC.
// Years of other than four digits: a sign and six digits. The calendar is checked; 24:00 and leap seconds are
// refused. False, and `value` untouched, where the text is anything else.
inline bool parse_timestamp(std::string_view text, timestamp& value) {
  timestamp read;
  char const* const end = text.data() + text.size();
  if (text.empty() || detail::scan_timestamp(text.data(), end, read) != end) return false;
  value = read;
  return true;
}

// Writes 2026-01-01T00:10:00Z, with a fraction of three or six digits, whichever is exact, only when it is not
// zero. Needs max_timestamp_text characters of room; gives the end.
inline char* write_timestamp(char* out, timestamp value) {
  std::int64_t const seconds = floor_div(ticks(value), 1'000'000);
  std::int64_t rest = ticks(value) % 1'000'000;
  if (rest < 0) rest += 1'000'000;
  auto const fraction = static_cast<unsigned>(rest);
  std::int64_t const days = floor_div(seconds, 86400);
  auto const second = static_cast<unsigned>(seconds - days * 86400);
  auto const date = detail::civil_from_days(days);
  if (date.year >= 0 && date.year <= 9999) {
    out = detail::write_digits(out, static_cast<unsigned>(date.year), 4);
  } else {
    *out++ = date.year < 0 ? '-' : '+';
    out = detail::write_digits(out, static_cast<unsigned>(date.year < 0 ? -date.year : date.year), 6);
  }
  *out++ = '-';
  out = detail::write_digits(out, date.month, 2);
  *out++ = '-';
  out = detail::write_digits(out, date.day, 2);
  *out++ = 'T';
  out = detail::write_digits(out, second / 3600, 2);
  *out++ = ':';
  out = detail::write_digits(out, second / 60 % 60, 2);
  *out++ = ':';
  out = detail::write_digits(out, second % 60, 2);
  if (fraction != 0) {
    *out++ = '.';
    out = fraction % 1000 == 0 ? detail::write_digits(out, fraction / 1000, 3)
                               : detail::write_digits(out, fraction, 6);
  }
  *out++ = 'Z';
  return out;
}

namespace detail {
constexpr std::int64_t ticks_per(epoch_unit unit) {
  return unit == epoch_unit::seconds ? 1'000'000 : unit == epoch_unit::milliseconds ? 1000 : 1;
}
}  // namespace detail

// Reads a number since 1970 in that unit: a whole one, or one with a fraction of one to nine digits. What is
// finer than a microsecond is cut off (towards the past). False, and `value` untouched, where it is none or
// does not fit.
inline bool parse_epoch(std::string_view text, epoch_unit unit, timestamp& value) {
  char const* const end = text.data() + text.size();
  std::int64_t whole = 0;
  auto const [stop, failure] = std::from_chars(text.data(), end, whole);
  if (failure != std::errc()) return false;
  std::int64_t fraction = 0;  // in units of 1e-9
  if (stop != end) {
    char const* p = stop;
    if (*p++ != '.' || p == end || end - p > 9) return false;
    std::int64_t place = 100'000'000;
    for (; p != end; ++p, place /= 10) {
      if (*p < '0' || *p > '9') return false;
      fraction += (*p - '0') * place;
    }
    if (text.front() == '-') fraction = -fraction;
  }
  std::int64_t total = 0;
  if (unit == epoch_unit::nanoseconds) {
    total = floor_div(fraction < 0 ? whole - (whole % 1000 == 0) : whole, 1000);
  } else {
    std::int64_t const per = detail::ticks_per(unit);
    if (__builtin_mul_overflow(whole, per, &total) ||
        __builtin_add_overflow(total, floor_div(fraction * per, 1'000'000'000), &total))
      return false;
  }
  value = from_ticks(total);
  return true;
}

// Writes the number since 1970 in that unit, exactly: with a fraction only when it is not zero. Nanoseconds
// that do not fit in 64 bits are written all the same.
inline char* write_epoch(char* out, timestamp value, epoch_unit unit) {
  std::int64_t const all = ticks(value);
  if (unit == epoch_unit::nanoseconds || unit == epoch_unit::microseconds) {
    out = std::to_chars(out, out + max_timestamp_text, all).ptr;
    if (unit == epoch_unit::nanoseconds && all != 0) out = static_cast<char*>(std::memcpy(out, "000", 3)) + 3;
    return out;
  }
  std::int64_t const per = detail::ticks_per(unit);
  std::int64_t const rest = all % per;
  if (all < 0) *out++ = '-';
  auto const size = [](std::int64_t n) {
    return n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  };
  out = std::to_chars(out, out + max_timestamp_text - 1, size(all / per)).ptr;
  if (rest != 0) {
    *out++ = '.';
    out = detail::write_digits(out, static_cast<unsigned>(size(rest)), per == 1000 ? 3 : 6);
    while (out[-1] == '0') --out;
  }
  return out;
}

}  // namespace weir
