// postgres_text: fields of records as COPY's text, and which columns they fit in.
#pragma once

#include <weir/core/schema.hpp>
#include <weir/error.hpp>
#include <weir/format/scan.hpp>
#include <weir/format/text.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/format/time_text.hpp>
#include <weir/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::detail {

// What a field is made of, as far as columns go.
template <class T>
struct postgres_kind_of {
  using type = T;
};
template <class T>
struct postgres_kind_of<std::optional<T>> : postgres_kind_of<T> {};
template <class Rep, class Period>
struct postgres_kind_of<std::chrono::duration<Rep, Period>> {
  using type = Rep;
};
template <class T>
  requires(std::is_enum_v<T> && !named_enum<T>)
struct postgres_kind_of<T> : std::underlying_type<T> {};
template <class T>
using postgres_kind = typename postgres_kind_of<T>::type;

template <class T>
struct whole_bytes {
  static constexpr unsigned value = 0;
};
template <plain_integer T>
struct whole_bytes<T> {  // of the smallest signed number that holds them all
  static constexpr unsigned value = std::is_signed_v<T> ? sizeof(T) : 2 * sizeof(T);
};

// The type of the column that such a field is for, as it stands in CREATE TABLE.
template <class T>
std::string postgres_type() {
  using kind = postgres_kind<T>;
  std::string type;
  if constexpr (plain_integer<kind>)
    type = whole_bytes<kind>::value <= 2   ? "smallint"
           : whole_bytes<kind>::value == 4 ? "integer"
           : whole_bytes<kind>::value == 8 ? "bigint"
                                           : "numeric";
  else if constexpr (std::is_same_v<kind, float>)
    type = "real";
  else if constexpr (std::is_same_v<kind, double>)
    type = "double precision";
  else if constexpr (std::is_same_v<kind, bool>)
    type = "boolean";
  else if constexpr (std::is_same_v<kind, timestamp>)
    type = "timestamptz";
  else if constexpr (is_decimal<kind>)
    type = "numeric(" + std::to_string(19) + "," + std::to_string(kind::scale) + ")";
  else
    type = "text";
  return type + (is_optional<T> ? "" : " NOT NULL");
}

// Whether every value of such a field can be written to a column of this type. `scale` is that of numeric(p, s), -1 where it
// has none.
template <class T>
bool fits_column(std::string_view type, int scale) {
  using kind = postgres_kind<T>;
  bool const numeric = type == "numeric" && scale < 0;
  if constexpr (plain_integer<kind>) {
    unsigned const room = type == "int2" ? 2 : type == "int4" ? 4 : type == "int8" ? 8 : 0;
    return (type == "numeric" && scale <= 0) || whole_bytes<kind>::value <= room;
  } else if constexpr (std::is_same_v<kind, float>) {
    return type == "float4" || type == "float8" || numeric;
  } else if constexpr (std::is_same_v<kind, double>) {
    return type == "float8" || numeric;
  } else if constexpr (std::is_same_v<kind, bool>) {
    return type == "bool";
  } else if constexpr (std::is_same_v<kind, timestamp>) {
    return type == "timestamptz" || type == "timestamp";
  } else if constexpr (is_decimal<kind>) {
    return numeric || (type == "numeric" && scale >= static_cast<int>(kind::scale));
  } else {
    return true;  // the server reads text as whatever the column is: uuid, jsonb, an enumeration
  }
}

// Text with what COPY needs escaped. nullptr, or what is wrong with it.
inline char const* write_copy_text(text_buffer& out, std::string_view text) {
  char* to = out.reserve(2 * text.size());
  char const* const end = text.data() + text.size();
  for (char const* p = text.data(); p != end;) {
    auto const c = static_cast<unsigned char>(*p);
    if (c >= 0x80) {
      std::size_t const length = utf8_length(p, end);
      if (length == 0) return "the text is not UTF-8";
      for (std::size_t i = 0; i < length; ++i) *to++ = *p++;
      continue;
    }
    if (c == 0) return "the text has a NUL character, which PostgreSQL cannot hold";
    if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
      *to++ = '\\';
      *to++ = c == '\\' ? '\\' : c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
    } else {
      *to++ = *p;
    }
    ++p;
  }
  out.advance(to);
  return nullptr;
}

// min_time and max_time are the server's -infinity and infinity.
inline char const* write_copy_time(text_buffer& out, timestamp at) {
  if (at == min_time || at == max_time) {
    out.append(at == min_time ? "-infinity" : "infinity");
    return nullptr;
  }
  constexpr std::int64_t day = 86'400'000'000;
  std::int64_t const days = floor_div(ticks(at), day);
  std::int64_t const rest = ticks(at) - days * day;
  civil_date const date = civil_from_days(days);
  if (date.year < -4711) return "the time is before 4712 BC, which PostgreSQL cannot hold";
  std::int64_t const year = date.year > 0 ? date.year : 1 - date.year;
  char text[64];
  auto const two = [](char* to, std::int64_t n) {
    to[0] = static_cast<char>('0' + n / 10), to[1] = static_cast<char>('0' + n % 10);
    return to + 2;
  };
  std::string const digits = std::to_string(year);
  char* to = text;
  for (std::size_t n = digits.size(); n < 4; ++n) *to++ = '0';
  for (char c : digits) *to++ = c;
  *to++ = '-', to = two(to, date.month);
  *to++ = '-', to = two(to, date.day);
  *to++ = ' ', to = two(to, rest / 3'600'000'000);
  *to++ = ':', to = two(to, rest / 60'000'000 % 60);
  *to++ = ':', to = two(to, rest / 1'000'000 % 60);
  *to++ = '.';
  for (std::int64_t unit = 100'000; unit != 0; unit /= 10) *to++ = static_cast<char>('0' + rest / unit % 10);
  *to++ = '+', *to++ = '0', *to++ = '0';
  out.append({text, static_cast<std::size_t>(to - text)});
  if (date.year <= 0) out.append(" BC");
  return nullptr;
}

// One field of a line of COPY. nullptr, or what is wrong with it.
template <text_value T>
char const* write_copy_field(text_buffer& out, T const& value) {
  if constexpr (is_optional<T>) {
    if (value) return write_copy_field(out, *value);
    out.append("\\N");
    return nullptr;
  } else if constexpr (owned_or_viewed_text<T>) {
    return write_copy_text(out, value);
  } else if constexpr (std::is_same_v<T, char>) {
    return write_copy_text(out, {&value, 1});
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return write_copy_time(out, value);
  } else if constexpr (named_enum<T>) {
    if (auto const name = enum_text(value); !name.empty()) return write_copy_text(out, name);
    return "the value has no name";
  } else {
    weir::write_text(out, value);
    return nullptr;
  }
}

// What to select of a column, so that parse_text reads it as a T.
template <class T>
std::string postgres_selects(std::string const& column) {
  if constexpr (std::is_same_v<postgres_kind<T>, timestamp>)
    return "CASE WHEN isfinite(" + column + ") THEN (extract(epoch from " + column +
           ") * 1000000)::int8 WHEN " + column + " > '2000-01-01' THEN 9223372036854775807 WHEN " + column +
           " < '2000-01-01' THEN -9223372036854775808 END";
  else
    return column + "::text";
}

}  // namespace weir::detail
