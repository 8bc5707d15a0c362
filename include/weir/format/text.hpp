// Single values as text, both ways: what stands in one field of a CSV file.
#pragma once

#include <weir/core/change.hpp>
#include <weir/core/decimal.hpp>
#include <weir/format/scan.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/format/time_text.hpp>

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace weir {

// Specialise it for an enumeration whose values 0, 1, 2, ... are words in a text:
//   template <> struct weir::enum_names<status> { static constexpr std::string_view values[] = {"approved",
//   "declined"}; };
// Without it an enumeration is written as its number.
template <class E>
struct enum_names;
template <>
struct enum_names<change_kind> {
  static constexpr std::string_view values[] = {"insert", "update_before", "update_after", "delete"};
};

namespace detail {

template <class T>
concept named_enum = std::is_enum_v<T> && requires { std::size(enum_names<T>::values); };
template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = std::is_arithmetic_v<Rep>;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept plain_integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;
template <class T>
concept plain_number = plain_integer<T> || std::same_as<T, double> || std::same_as<T, float>;
template <class T>
concept owned_or_viewed_text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

template <class T>
struct optional_value {
  using type = T;
};
template <class T>
struct optional_value<std::optional<T>> {
  using type = T;
};

}  // namespace detail

// The types that weir reads from and writes to one piece of text: numbers, bool (true, false, 1, 0), char,
// strings and views, timestamps, durations (as the number of their own ticks), decimals, enumerations, and
// optionals of these (nothing is the empty text).
template <class T>
concept text_value = detail::plain_number<typename detail::optional_value<T>::type> ||
                     detail::owned_or_viewed_text<typename detail::optional_value<T>::type> ||
                     std::same_as<typename detail::optional_value<T>::type, bool> ||
                     std::same_as<typename detail::optional_value<T>::type, char> ||
                     std::same_as<typename detail::optional_value<T>::type, timestamp> ||
                     detail::is_duration<typename detail::optional_value<T>::type> ||
                     detail::is_decimal<typename detail::optional_value<T>::type> ||
                     std::is_enum_v<typename detail::optional_value<T>::type>;

namespace detail {

template <class T>
char const* scan_from_chars(char const* p, char const* end, T& value) {
  auto const [stop, failure] = std::from_chars(p, end, value);
  return failure == std::errc() ? stop : nullptr;
}

// The scanners read the longest number at p and give where it ends, or nullptr where there is none or it does
// not fit.
template <plain_integer T>
WEIR_INLINE char const* scan_number(char const* p, char const* end, T& value) {
  char const* const start = p;
  bool const negative = std::is_signed_v<T> && p != end && *p == '-';
  if (negative) ++p;
  char const* const digits = p;
  std::uint64_t sum = 0;
  p = scan_digits(p, end, sum);
  if (p == digits) return nullptr;
  if (p - digits > 18 || sum > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) [[unlikely]]
    return scan_from_chars(start, end, value);
  value = static_cast<T>(negative ? 0 - sum : sum);
  return p;
}

inline constexpr double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                          1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

WEIR_INLINE char const* scan_number(char const* p, char const* end, double& value) {
  char const* const start = p;
  bool const negative = p != end && *p == '-';
  if (negative) ++p;
  char const* const digits = p;
  std::uint64_t sum = 0;
  p = scan_digits(p, end, sum);
  std::ptrdiff_t places = 0;
  std::ptrdiff_t count = p - digits;
  if (p != end && *p == '.') {
    char const* const point = ++p;
    p = scan_digits(p, end, sum);
    places = p - point;
    count += places;
  }
  // A whole number below 2^53 divided by an exact power of ten is rounded once, hence rightly.
  bool const exact = count != 0 && count <= 19 && sum <= (std::uint64_t{1} << 53) && places <= 22;
  bool const more = p != end && (*p | 32) >= 'a' && (*p | 32) <= 'z';  // an exponent, nan, inf
  if (!exact || more) [[unlikely]]
    return scan_from_chars(start, end, value);
  double const size = static_cast<double>(sum) / exact_powers[places];
  value = negative ? -size : size;
  return p;
}
// Not by way of double, which would round twice.
inline char const* scan_number(char const* p, char const* end, float& value) {
  return scan_from_chars(p, end, value);
}

template <unsigned Scale>
WEIR_INLINE char const* scan_number(char const* p, char const* end, decimal<Scale>& value) {
  char const* const start = p;
  bool const negative = p != end && *p == '-';
  if (negative) ++p;
  char const* const digits = p;
  std::uint64_t sum = 0;
  p = scan_digits(p, end, sum);
  std::ptrdiff_t const whole = p - digits;
  std::ptrdiff_t places = 0;
  if (p != end && *p == '.') {
    char const* const point = ++p;
    p = scan_digits(p, end, sum);
    places = p - point;
  }
  if (places != static_cast<std::ptrdiff_t>(Scale) || whole == 0 || whole + places > 18)  // rarer shapes
    return decimal<Scale>::parse({start, p}, value) ? p : nullptr;
  value = decimal<Scale>::from_units(static_cast<std::int64_t>(negative ? 0 - sum : sum));
  return p;
}

template <class T>
concept scanned_number = plain_number<T> || is_decimal<T>;

template <named_enum E>
bool parse_enum(std::string_view text, E& value) {
  constexpr std::size_t count = std::size(enum_names<E>::values);
  for (std::size_t i = 0; i < count; ++i)
    if (text == enum_names<E>::values[i]) return value = static_cast<E>(i), true;
  return false;
}
template <named_enum E>
std::string_view enum_text(E value) {
  auto const i = static_cast<std::size_t>(value);
  return i < std::size(enum_names<E>::values) ? enum_names<E>::values[i] : std::string_view();
}

}  // namespace detail

// Reads the whole text as one value; false where it is not one (then `value` may be anything). Numbers: no sign
// but
// '-', no spaces; what does not fit is refused. `form` says what timestamps look like.
template <text_value T>
bool parse_text(std::string_view text, T& value, time_form form = {}) {
  char const* const begin = text.data();
  char const* const end = begin + text.size();
  if constexpr (detail::is_optional<T>) {
    if (text.empty()) return value.reset(), true;
    if (!value) value.emplace();
    return weir::parse_text(text, *value, form);
  } else if constexpr (detail::scanned_number<T>) {
    return !text.empty() && detail::scan_number(begin, end, value) == end;
  } else if constexpr (std::same_as<T, bool>) {
    value = text == "true" || text == "1";
    return value || text == "false" || text == "0";
  } else if constexpr (std::same_as<T, char>) {
    if (text.size() == 1) value = text[0];
    return text.size() == 1;
  } else if constexpr (detail::owned_or_viewed_text<T>) {
    value = text;
    return true;
  } else if constexpr (std::same_as<T, timestamp>) {
    return form ? weir::parse_epoch(text, *form, value) : weir::parse_timestamp(text, value);
  } else if constexpr (detail::is_duration<T>) {
    typename T::rep count{};
    bool const read = weir::parse_text(text, count);
    value = T(count);
    return read;
  } else if constexpr (detail::named_enum<T>) {
    return detail::parse_enum(text, value);
  } else {
    std::underlying_type_t<T> number{};
    bool const read = weir::parse_text(text, number);
    value = static_cast<T>(number);
    return read;
  }
}

// What is wrong when parse_text says no.
template <text_value T>
constexpr std::string_view text_fault() {
  if constexpr (detail::is_optional<T>)
    return weir::text_fault<typename T::value_type>();
  else if constexpr (detail::is_duration<T>)
    return weir::text_fault<typename T::rep>();
  else if constexpr (std::same_as<T, bool>)
    return "is neither true nor false";
  else if constexpr (std::same_as<T, char>)
    return "is not a single character";
  else if constexpr (std::same_as<T, timestamp>)
    return "is not a time of the stated form";
  else if constexpr (detail::is_decimal<T>)
    return "is not a decimal number that fits exactly";
  else if constexpr (std::floating_point<T>)
    return "is not a number that fits";
  else if constexpr (detail::named_enum<T>)
    return "is none of the names that it may have";
  else if constexpr (detail::owned_or_viewed_text<T>)
    return "is not text";
  else
    return "is not a whole number that fits";
}

// Appends the value. Floating point is written as the shortest text that reads back as the same number.
template <text_value T>
void write_text(text_buffer& out, T const& value, time_form form = {}) {
  if constexpr (detail::is_optional<T>) {
    if (value) weir::write_text(out, *value, form);
  } else if constexpr (detail::plain_number<T>) {
    char* const room = out.reserve(32);
    out.advance(std::to_chars(room, room + 32, value).ptr);
  } else if constexpr (detail::is_decimal<T>) {
    out.advance(value.write(out.reserve(T::max_text)));
  } else if constexpr (std::same_as<T, bool>) {
    out.append(value ? std::string_view("true") : std::string_view("false"));
  } else if constexpr (std::same_as<T, char> || detail::owned_or_viewed_text<T>) {
    out.append(value);
  } else if constexpr (std::same_as<T, timestamp>) {
    char* const room = out.reserve(max_timestamp_text);
    out.advance(form ? weir::write_epoch(room, value, *form) : weir::write_timestamp(room, value));
  } else if constexpr (detail::is_duration<T>) {
    weir::write_text(out, value.count());
  } else if constexpr (detail::named_enum<T>) {
    if (auto const name = detail::enum_text(value); !name.empty())
      out.append(name);
    else
      weir::write_text(out, static_cast<std::underlying_type_t<T>>(value));
  } else {
    weir::write_text(out, static_cast<std::underlying_type_t<T>>(value));
  }
}

}  // namespace weir
