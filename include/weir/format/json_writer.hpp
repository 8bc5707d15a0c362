// write_json: values as JSON text.
#pragma once

#include <weir/core/row.hpp>
#include <weir/format/scan.hpp>
#include <weir/format/text.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir {

namespace detail {

template <class T>
concept json_map = std::ranges::input_range<T const> && requires {
  typename T::key_type;
  typename T::mapped_type;
};
template <class T>
concept json_array =
    std::ranges::input_range<T const> && !std::convertible_to<T const&, std::string_view> && !json_map<T>;
template <class T>
concept json_tuple = !json_array<T> && requires { std::tuple_size<T>::value; };
template <class T>
concept json_variant = requires { std::variant_size<T>::value; };

template <std::size_t N>
struct key_text {
  char text[N]{};
  constexpr std::string_view view() const { return {text, N}; }
};

// The JSON form of a name at compile time, as it stands in an object: "name": and a comma before it.
constexpr std::size_t write_key(char* out, std::string_view name) {
  constexpr char hex[] = "0123456789abcdef";
  std::size_t n = 0;
  auto const put = [&](char c) {
    if (out) out[n] = c;
    ++n;
  };
  put(',');
  put('"');
  for (char c : name) {
    if (c == '"' || c == '\\') put('\\');
    if (static_cast<unsigned char>(c) < 0x20) {
      for (char u : {'\\', 'u', '0', '0'}) put(u);
      put(hex[c >> 4]);
      put(hex[c & 15]);
    } else {
      put(c);
    }
  }
  put('"');
  put(':');
  return n;
}
template <class T, std::size_t I>
constexpr auto make_key() {
  constexpr std::string_view name = field_name<T, I>();
  key_text<write_key(nullptr, name)> key;
  write_key(key.text, name);
  return key;
}
// ,"name":
template <class T, std::size_t I>
inline constexpr key_text<write_key(nullptr, field_name<T, I>())> json_key = make_key<T, I>();

WEIR_COLD inline char* write_json_special(char* out, char const*& p, char const* end) {
  constexpr char hex[] = "0123456789abcdef";
  auto const byte = static_cast<unsigned char>(*p);
  if (byte >= 0x80) {
    std::size_t const length = utf8_length(p, end);
    if (length == 0) {  // bytes that are no text: the replacement character, so that the JSON stays valid
      ++p;
      return write_utf8(out, 0xfffd);
    }
    std::memcpy(out, p, length);
    p += length;
    return out + length;
  }
  ++p;
  *out++ = '\\';
  switch (byte) {
    case '"':
      return *out++ = '"', out;
    case '\\':
      return *out++ = '\\', out;
    case '\n':
      return *out++ = 'n', out;
    case '\r':
      return *out++ = 'r', out;
    case '\t':
      return *out++ = 't', out;
    default:
      std::memcpy(out, "u00", 3);
      out[3] = hex[byte >> 4];
      out[4] = hex[byte & 15];
      return out + 5;
  }
}

inline void write_json_string(text_buffer& out, std::string_view text) {
  char* to = out.reserve(6 * text.size() + 2);
  *to++ = '"';
  char const* p = text.data();
  char const* const end = p + text.size();
  while (p != end) {
    char const* const stop = find_json_special(p, end, end);
    if (stop != p) std::memcpy(to, p, static_cast<std::size_t>(stop - p));
    to += stop - p;
    p = stop;
    if (p != end) to = write_json_special(to, p, end);
  }
  *to++ = '"';
  out.advance(to);
}

}  // namespace detail

// Appends the value as JSON. Numbers, decimals (exactly), durations (as their ticks) and bool as they are; NaN
// and infinities as null; text, char and named enumerations as strings, in which bytes that are not UTF-8
// become U+FFFD; timestamps as ISO 8601 strings or, where `form` states a unit, as numbers; an empty optional
// as null; maps with text or whole-number keys, structs with a schema and rows as objects; other ranges, pairs
// and tuples as arrays; a variant as what it holds.
template <class T>
void write_json(text_buffer& out, T const& value, time_form form = {});

namespace detail {

template <class K>
void write_json_key(text_buffer& out, K const& key) {
  if constexpr (plain_integer<K>) {
    out.append('"');
    write_text(out, key);
    out.append('"');
  } else {
    constexpr bool the_key_is_text_or_a_whole_number = std::convertible_to<K const&, std::string_view>;
    static_assert(the_key_is_text_or_a_whole_number,
                  "weir::write_json: a map's key must be text or a whole number");
    if constexpr (the_key_is_text_or_a_whole_number) write_json_string(out, std::string_view(key));
  }
}

template <class T>
void write_json_text(text_buffer& out, T const& value, time_form form) {
  if constexpr (std::floating_point<T>) {
    if (std::isfinite(value))
      write_text(out, value);
    else
      out.append("null");
  } else if constexpr (std::same_as<T, timestamp>) {
    if (!form) out.append('"');
    write_text(out, value, form);
    if (!form) out.append('"');
  } else if constexpr (std::same_as<T, char>) {
    write_json_string(out, {&value, 1});
  } else if constexpr (is_duration<T>) {
    write_json_text(out, value.count(), form);
  } else {
    write_text(out, value);
  }
}

}  // namespace detail

template <class T>
void write_json(text_buffer& out, T const& value, time_form form) {
  if constexpr (detail::is_optional<T>) {
    if (value)
      weir::write_json(out, *value, form);
    else
      out.append("null");
  } else if constexpr (std::convertible_to<T const&, std::string_view>) {
    detail::write_json_string(out, std::string_view(value));
  } else if constexpr (detail::named_enum<T>) {
    if (auto const name = detail::enum_text(value); !name.empty())
      detail::write_json_string(out, name);
    else
      write_text(out, value);
  } else if constexpr (text_value<T>) {
    detail::write_json_text(out, value, form);
  } else if constexpr (has_schema<T>) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      if constexpr (sizeof...(I) == 0) out.append('{');
      // The comma before the first key becomes the brace.
      ((out.append(I == 0 ? std::string_view("{") : std::string_view()),
        out.append(detail::json_key<T, I>.view().substr(I == 0)),
        weir::write_json(out, get_field<I>(value), form)),
       ...);
    }(std::make_index_sequence<field_count<T>>{});
    out.append('}');
  } else if constexpr (detail::json_map<T>) {
    char before = '{';
    for (auto const& [key, mapped] : value) {
      out.append(before);
      detail::write_json_key(out, key);
      out.append(':');
      weir::write_json(out, mapped, form);
      before = ',';
    }
    out.append(before == '{' ? std::string_view("{}") : std::string_view("}"));
  } else if constexpr (detail::json_array<T>) {
    out.append('[');
    bool first = true;
    for (auto&& element : value) {
      if (!first) out.append(',');
      first = false;
      weir::write_json(out, static_cast<std::ranges::range_value_t<T const> const&>(element), form);
    }
    out.append(']');
  } else if constexpr (detail::json_variant<T>) {
    std::visit([&](auto const& held) { weir::write_json(out, held, form); }, value);
  } else if constexpr (detail::json_tuple<T>) {
    using std::get;
    out.append('[');
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((out.append(I == 0 ? std::string_view() : std::string_view(",")),
        weir::write_json(out, get<I>(value), form)),
       ...);
    }(std::make_index_sequence<std::tuple_size<T>::value>{});
    out.append(']');
  } else {
    constexpr bool the_type_has_a_json_form = text_value<T>;
    static_assert(the_type_has_a_json_form,
                  "weir::write_json: this type has no JSON form; adapt it with BOOST_HANA_ADAPT_STRUCT");
  }
}

// Writes values of a stream as JSON lines.
template <class T>
class json_writer {
 public:
  explicit json_writer(time_form form = {}) : form_(form) {}
  // One line with its end.
  void row(text_buffer& out, T const& value) const {
    weir::write_json(out, value, form_);
    out.append('\n');
  }

 private:
  time_form form_;
};

}  // namespace weir
