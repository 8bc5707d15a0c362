// decimal: exact fixed-point numbers, as amounts of money are; decimal<2> counts cents.
#pragma once

#include <weir/error.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

namespace weir {

namespace detail {

constexpr std::int64_t power_of_ten(unsigned n) {
  std::int64_t power = 1;
  while (n-- > 0) power *= 10;
  return power;
}

[[noreturn]] WEIR_COLD inline void decimal_overflow(char const* operation) {
  throw error(std::string("weir::decimal: the result of ") + operation +
              " does not fit in 64 bits; use a smaller scale or add up fewer values");
}
[[noreturn]] WEIR_COLD inline void decimal_text_malformed(std::string_view text) {
  throw format_error("weir::decimal: '" + std::string(text) + "' is not a decimal number that fits exactly");
}

// Digits, optionally a point, digits: "12", "12.5", ".5", "12.". False where the text is anything else, has
// digits other than 0 behind the scale, or does not fit.
constexpr bool parse_decimal(std::string_view text, unsigned scale, std::int64_t& units) {
  char const* p = text.data();
  char const* const end = p + text.size();
  bool const negative = p != end && *p == '-';
  if (negative) ++p;
  std::uint64_t value = 0;
  bool digits = false;
  bool fits = true;
  auto const take = [&](unsigned digit) {
    fits = fits && !__builtin_mul_overflow(value, std::uint64_t{10}, &value) &&
           !__builtin_add_overflow(value, std::uint64_t{digit}, &value);
  };
  for (; p != end && unsigned(*p - '0') < 10; ++p, digits = true) take(unsigned(*p - '0'));
  unsigned places = 0;
  if (p != end && *p == '.')
    for (++p; p != end && unsigned(*p - '0') < 10; ++p, digits = true) {
      if (places == scale) {
        if (*p != '0') return false;
        continue;
      }
      take(unsigned(*p - '0'));
      ++places;
    }
  if (p != end || !digits) return false;
  for (; places < scale; ++places) take(0);
  std::uint64_t const limit = std::uint64_t{1} << 63;
  if (!fits || value > limit || (value == limit && !negative)) return false;
  units = static_cast<std::int64_t>(negative ? 0 - value : value);
  return true;
}

// At most 21 characters: sign, 19 digits, point.
constexpr char* write_decimal(char* out, std::int64_t units, unsigned scale) {
  std::uint64_t rest = units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  char digits[24]{};
  unsigned n = 0;
  for (; rest != 0 || n <= scale; rest /= 10) digits[n++] = static_cast<char>('0' + rest % 10);
  if (units < 0) *out++ = '-';
  while (n-- > 0) {
    *out++ = digits[n];
    if (n == scale && scale != 0) *out++ = '.';
  }
  return out;
}

template <class T>
concept whole_number = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

}  // namespace detail

// An exact number with Scale digits behind the point, held as a count of its smallest unit in 64 bits. Sums are
// the same in whatever order they are added. What does not fit throws weir::error. Whole numbers convert to it;
// floating point does not, since that would not be exact.
template <unsigned Scale>
class decimal {
  static_assert(Scale <= 18, "weir::decimal: at most 18 digits behind the point fit in 64 bits");

 public:
  static constexpr unsigned scale = Scale;
  static constexpr std::int64_t one = detail::power_of_ten(Scale);
  // The longest text: sign, 19 digits, point.
  static constexpr std::size_t max_text = 21;

  constexpr decimal() = default;
  template <detail::whole_number Whole>
  constexpr decimal(Whole whole) {
    if (__builtin_mul_overflow(whole, one, &units_)) detail::decimal_overflow("a conversion");
  }
  // decimal<2> limit = "499.99"; at compile time, where a wrong text is an error.
  template <std::size_t N>
  consteval decimal(char const (&text)[N]) {
    if (!detail::parse_decimal({text, N - 1}, Scale, units_)) detail::decimal_text_malformed({text, N - 1});
  }

  static constexpr decimal from_units(std::int64_t units) {
    decimal made;
    made.units_ = units;
    return made;
  }
  // Text at run time; false, and `value` untouched, where it is not exactly such a number.
  static constexpr bool parse(std::string_view text, decimal& value) {
    return detail::parse_decimal(text, Scale, value.units_);
  }
  // Throws weir::format_error where the text is not exactly such a number.
  static constexpr decimal from_text(std::string_view text) {
    decimal made;
    if (!parse(text, made)) detail::decimal_text_malformed(text);
    return made;
  }

  constexpr std::int64_t units() const { return units_; }
  constexpr explicit operator double() const { return static_cast<double>(units_) / static_cast<double>(one); }
  // Always Scale digits behind the point; at most max_text characters; gives the end.
  constexpr char* write(char* out) const { return detail::write_decimal(out, units_, Scale); }
  std::string to_string() const {
    char text[max_text];
    return {text, write(text)};
  }

  constexpr decimal& operator+=(decimal other) {
    std::int64_t result = 0;
    bool const overflow = __builtin_add_overflow(units_, other.units_, &result);
    return set(overflow, result, "+");
  }
  constexpr decimal& operator-=(decimal other) {
    std::int64_t result = 0;
    bool const overflow = __builtin_sub_overflow(units_, other.units_, &result);
    return set(overflow, result, "-");
  }
  template <detail::whole_number Whole>
  constexpr decimal& operator*=(Whole factor) {
    std::int64_t result = 0;
    bool const overflow = __builtin_mul_overflow(units_, factor, &result);
    return set(overflow, result, "*");
  }

  friend constexpr decimal operator+(decimal a, decimal b) { return a += b; }
  friend constexpr decimal operator-(decimal a, decimal b) { return a -= b; }
  friend constexpr decimal operator-(decimal a) { return decimal() -= a; }
  template <detail::whole_number Whole>
  friend constexpr decimal operator*(decimal a, Whole factor) {
    return a *= factor;
  }
  template <detail::whole_number Whole>
  friend constexpr decimal operator*(Whole factor, decimal a) {
    return a *= factor;
  }
  friend constexpr bool operator==(decimal, decimal) = default;
  friend constexpr auto operator<=>(decimal, decimal) = default;
  // Found by Boost's hash.
  friend std::size_t hash_value(decimal a) { return std::hash<std::int64_t>{}(a.units_); }

 private:
  constexpr decimal& set(bool overflow, std::int64_t units, char const* operation) {
    if (overflow) [[unlikely]]
      detail::decimal_overflow(operation);
    units_ = units;
    return *this;
  }

  std::int64_t units_ = 0;
};

namespace detail {
template <class T>
inline constexpr bool is_decimal = false;
template <unsigned Scale>
inline constexpr bool is_decimal<decimal<Scale>> = true;
}  // namespace detail

}  // namespace weir

template <unsigned Scale>
struct std::hash<weir::decimal<Scale>> {
  std::size_t operator()(weir::decimal<Scale> a) const { return hash_value(a); }
};

template <unsigned Scale>
struct std::numeric_limits<weir::decimal<Scale>> : std::numeric_limits<std::int64_t> {
  using value_type = weir::decimal<Scale>;
  static constexpr bool is_integer = Scale == 0;
  static constexpr value_type min() { return value_type::from_units(std::numeric_limits<std::int64_t>::min()); }
  static constexpr value_type max() { return value_type::from_units(std::numeric_limits<std::int64_t>::max()); }
  static constexpr value_type lowest() { return min(); }
  static constexpr value_type epsilon() { return value_type::from_units(1); }
  static constexpr value_type round_error() { return value_type(); }
  static constexpr value_type infinity() { return value_type(); }
  static constexpr value_type quiet_NaN() { return value_type(); }
  static constexpr value_type signaling_NaN() { return value_type(); }
  static constexpr value_type denorm_min() { return value_type::from_units(1); }
};
