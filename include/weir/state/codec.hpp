// codec: how a value is written as bytes in the state store, in a commit and in a savepoint.
#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/schema.hpp>
#include <weir/state/bytes.hpp>
#include <weir/state/codec_kinds.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// How values of T are stored. Specialise it for a type of your own with three static functions:
//   static void encode(T const&, std::string& out)    appends at least one byte
//   static void decode(byte_reader&, T& out)          reads what encode wrote; format_error where it cannot
//   static std::string schema()                       stable text; types with one schema have the same bytes
// The bytes never change for a given schema: they outlive the program that wrote them.
template <class T>
struct codec;

// A type whose values can be stored: weir has a codec for it, or you specialised one.
template <class T>
concept has_codec = requires(T const& in, T& out, byte_reader& reader, std::string& bytes) {
  codec<T>::encode(in, bytes);
  codec<T>::decode(reader, out);
  { codec<T>::schema() } -> std::convertible_to<std::string>;
};

namespace detail {

template <class... Ts>
std::string schema_list() {
  std::string text;
  ((text += text.empty() ? codec<Ts>::schema() : "," + codec<Ts>::schema()), ...);
  return text;
}

template <class T>
constexpr bool fields_have_codecs() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (has_codec<field_type<T, I>> && ...);
  }(std::make_index_sequence<field_count<T>>{});
}
template <class T>
concept storable_struct = has_schema<T> && fields_have_codecs<T>();

// weir's own records list their fields: static void fields(Self& r, F const& f) calls f(r.a, r.b, ...). Stored as an adapted
// struct is; it costs the compiler less.
struct encode_fields {
  std::string& out;
  template <class... Ts>
  void operator()(Ts const&... field) const {
    (codec<Ts>::encode(field, out), ...);
  }
};
struct decode_fields {
  byte_reader& in;
  template <class... Ts>
  void operator()(Ts&... field) const {
    (codec<Ts>::decode(in, field), ...);
  }
};
template <class T>
concept lists_fields = requires(T& r, decode_fields const& f) { T::fields(r, f); };

// Says in words why T has no codec; called only where has_codec<T> is false.
template <class T>
constexpr void explain_codec() {
  constexpr bool the_value_owns_its_bytes = !is_view<T>();
  static_assert(the_value_owns_its_bytes,
                "weir::codec: a std::string_view cannot be stored; keep a std::string");
  constexpr bool the_type_has_a_codec = has_codec<T> || is_view<T>();
  static_assert(the_type_has_a_codec,
                "weir::codec<T>: this type cannot be stored; adapt it with "
                "BOOST_HANA_ADAPT_STRUCT or specialise weir::codec for it");
}

}  // namespace detail

// Appends the bytes of the value.
template <has_codec T>
void encode(T const& value, std::string& out) {
  codec<T>::encode(value, out);
}

// The value that all of the bytes are; format_error where they are anything else.
template <has_codec T>
void decode(std::string_view bytes, T& out) {
  byte_reader in(bytes, &codec<T>::schema);
  codec<T>::decode(in, out);
  in.finish();
}

// Numbers: little-endian, of their own width; bool is one byte, 0 or 1.
template <detail::storable_number T>
struct codec<T> {
  static void encode(T value, std::string& out) {
    if constexpr (std::is_same_v<T, bool>)
      out.push_back(value ? '\1' : '\0');
    else
      detail::append_little(out, std::bit_cast<detail::bits_of<T>>(value));
  }
  static void decode(byte_reader& in, T& out) {
    auto const bits = in.little<detail::bits_of<T>>();
    if constexpr (std::is_same_v<T, bool>) {
      if (bits > 1) in.fail("a bool that is neither 0 nor 1");
      out = bits == 1;
    } else {
      out = std::bit_cast<T>(bits);
    }
  }
  static std::string schema() { return detail::number_schema<T>(); }
};

template <class T>
  requires std::is_enum_v<T>
struct codec<T> {
  using number = std::underlying_type_t<T>;
  static void encode(T value, std::string& out) { codec<number>::encode(static_cast<number>(value), out); }
  static void decode(byte_reader& in, T& out) {
    number n{};
    codec<number>::decode(in, n);
    out = static_cast<T>(n);
  }
  static std::string schema() { return "enum<" + codec<number>::schema() + ">"; }
};

template <>
struct codec<std::string> {
  static void encode(std::string_view value, std::string& out) {
    detail::append_size(out, value.size());
    out.append(value);
  }
  static void decode(byte_reader& in, std::string& out) { out.assign(in.take(in.count())); }
  static std::string schema() { return "string"; }
};

template <detail::storable_number Rep, class Period>
struct codec<std::chrono::duration<Rep, Period>> {
  using value_type = std::chrono::duration<Rep, Period>;
  static void encode(value_type value, std::string& out) { codec<Rep>::encode(value.count(), out); }
  static void decode(byte_reader& in, value_type& out) {
    Rep n{};
    codec<Rep>::decode(in, n);
    out = value_type(n);
  }
  static std::string schema() {
    return "duration<" + codec<Rep>::schema() + "," + detail::period_schema<typename value_type::period>() +
           ">";
  }
};

// Of the clocks only the calendar's: a point of steady_clock means nothing in another process.
template <detail::storable_number Rep, class Period>
struct codec<std::chrono::sys_time<std::chrono::duration<Rep, Period>>> {
  using value_type = std::chrono::sys_time<std::chrono::duration<Rep, Period>>;
  static void encode(value_type value, std::string& out) {
    codec<Rep>::encode(value.time_since_epoch().count(), out);
  }
  static void decode(byte_reader& in, value_type& out) {
    std::chrono::duration<Rep, Period> d{};
    codec<std::chrono::duration<Rep, Period>>::decode(in, d);
    out = value_type(d);
  }
  static std::string schema() {
    return "timestamp<" + codec<Rep>::schema() + "," + detail::period_schema<typename value_type::period>() +
           ">";
  }
};

template <detail::decimal_like T>
struct codec<T> {
  using number = std::remove_cvref_t<decltype(std::declval<T const&>().units())>;
  static void encode(T const& value, std::string& out) { codec<number>::encode(value.units(), out); }
  static void decode(byte_reader& in, T& out) {
    number n{};
    codec<number>::decode(in, n);
    out = T::from_units(n);
  }
  static std::string schema() {
    return "decimal<" + std::to_string(T::scale) + "," + codec<number>::schema() + ">";
  }
};

template <has_codec T>
struct codec<std::optional<T>> {
  static void encode(std::optional<T> const& value, std::string& out) {
    codec<bool>::encode(value.has_value(), out);
    if (value) codec<T>::encode(*value, out);
  }
  static void decode(byte_reader& in, std::optional<T>& out) {
    bool present = false;
    codec<bool>::decode(in, present);
    out.reset();
    if (present) codec<T>::decode(in, out.emplace());
  }
  static std::string schema() { return "optional<" + codec<T>::schema() + ">"; }
};

// Field after field; without fields one zero byte, because every encoding takes a byte at least.
template <has_codec... Ts>
struct codec<std::tuple<Ts...>> {
  static void encode(std::tuple<Ts...> const& value, std::string& out) {
    if constexpr (sizeof...(Ts) == 0)
      out.push_back('\0');
    else
      std::apply([&](Ts const&... field) { (codec<Ts>::encode(field, out), ...); }, value);
  }
  static void decode(byte_reader& in, std::tuple<Ts...>& out) {
    if constexpr (sizeof...(Ts) == 0)
      in.byte();
    else
      std::apply([&](Ts&... field) { (codec<Ts>::decode(in, field), ...); }, out);
  }
  static std::string schema() { return "tuple<" + detail::schema_list<Ts...>() + ">"; }
};

// Structs adapted by Hana, and rows: field after field, as in a tuple; the names stand in the schema only.
template <detail::storable_struct T>
struct codec<T> {
  static void encode(T const& value, std::string& out) {
    if constexpr (field_count<T> == 0) out.push_back('\0');
    for_each_index<T>([&](auto i) { codec<field_type<T, i()>>::encode(get_field<i()>(value), out); });
  }
  static void decode(byte_reader& in, T& out) {
    if constexpr (field_count<T> == 0) in.byte();
    for_each_index<T>([&](auto i) { codec<field_type<T, i()>>::decode(in, get_field<i()>(out)); });
  }
  static std::string schema() {
    std::string text = "struct{";
    for_each_index<T>([&](auto i) {
      text += (i() == 0 ? "" : ",");
      text += std::string(field_name<T, i()>()) + ":" + codec<field_type<T, i()>>::schema();
    });
    return text + "}";
  }
};

template <detail::lists_fields T>
struct codec<T> {
  static void encode(T const& value, std::string& out) { T::fields(value, detail::encode_fields{out}); }
  static void decode(byte_reader& in, T& out) { T::fields(out, detail::decode_fields{in}); }
  static std::string schema() { return "record"; }
};

template <has_codec A, has_codec B>
struct codec<std::pair<A, B>> {
  static void encode(std::pair<A, B> const& value, std::string& out) {
    codec<A>::encode(value.first, out);
    codec<B>::encode(value.second, out);
  }
  static void decode(byte_reader& in, std::pair<A, B>& out) {
    codec<A>::decode(in, out.first);
    codec<B>::decode(in, out.second);
  }
  static std::string schema() { return "tuple<" + detail::schema_list<A, B>() + ">"; }
};

template <has_codec T, std::size_t N>
struct codec<std::array<T, N>> {
  static void encode(std::array<T, N> const& value, std::string& out) {
    if constexpr (N == 0) out.push_back('\0');
    for (T const& element : value) codec<T>::encode(element, out);
  }
  static void decode(byte_reader& in, std::array<T, N>& out) {
    if constexpr (N == 0) in.byte();
    for (T& element : out) codec<T>::decode(in, element);
  }
  static std::string schema() { return "array<" + codec<T>::schema() + "," + std::to_string(N) + ">"; }
};

template <has_codec T, class Allocator>
struct codec<std::vector<T, Allocator>> {
  // Numbers lie in memory as they lie in the bytes.
  static constexpr bool flat =
      detail::storable_number<T> && !std::is_same_v<T, bool> && std::endian::native == std::endian::little;

  static void encode(std::vector<T, Allocator> const& value, std::string& out) {
    detail::append_size(out, value.size());
    if constexpr (flat) {
      if (!value.empty()) out.append(reinterpret_cast<char const*>(value.data()), value.size() * sizeof(T));
    } else {
      for (T const& element : value) codec<T>::encode(element, out);
    }
  }
  static void decode(byte_reader& in, std::vector<T, Allocator>& out) {
    std::size_t const n = in.count();
    out.clear();
    if constexpr (flat) {
      std::string_view const bytes = in.take(n * sizeof(T));
      out.resize(n);
      if (n > 0) std::memcpy(out.data(), bytes.data(), bytes.size());
    } else {
      detail::cautious_reserve<std::vector<T, Allocator>, T>(out, n);
      for (std::size_t i = 0; i < n; ++i) {
        T element{};
        codec<T>::decode(in, element);
        out.push_back(std::move(element));
      }
    }
  }
  static std::string schema() { return "list<" + codec<T>::schema() + ">"; }
};

// Maps and sets: a count, then the entries. A container without an order of its own is written in the order of
// its keys' bytes, so that equal contents are equal bytes.
template <class T>
  requires((detail::map_like<T> && has_codec<typename T::mapped_type>) || detail::set_like<T>) &&
          has_codec<typename T::key_type>
struct codec<T> {
  using key_type = typename T::key_type;
  static constexpr bool has_values = detail::map_like<T>;

  static void encode(T const& value, std::string& out) {
    detail::append_size(out, value.size());
    if constexpr (detail::in_order<T>) {
      for (auto const& entry : value) encode_entry(entry, out);
    } else {
      std::vector<std::pair<std::string, typename T::value_type const*>> sorted;
      sorted.reserve(value.size());
      for (auto const& entry : value)
        codec<key_type>::encode(key_of(entry), sorted.emplace_back("", &entry).first);
      std::sort(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
      for (auto const& [bytes, entry] : sorted) encode_entry(*entry, out);
    }
  }
  static void decode(byte_reader& in, T& out) {
    std::size_t const n = in.count();
    out.clear();
    for (std::size_t i = 0; i < n; ++i) {
      key_type key{};
      codec<key_type>::decode(in, key);
      if constexpr (has_values) {
        typename T::mapped_type mapped{};
        codec<typename T::mapped_type>::decode(in, mapped);
        if (!out.try_emplace(std::move(key), std::move(mapped)).second) in.fail("a key that stands twice");
      } else {
        if (!out.insert(std::move(key)).second) in.fail("a key that stands twice");
      }
    }
  }
  static std::string schema() {
    if constexpr (has_values)
      return "map<" + detail::schema_list<key_type, typename T::mapped_type>() + ">";
    else
      return "set<" + codec<key_type>::schema() + ">";
  }

 private:
  template <class Entry>
  static key_type const& key_of(Entry const& entry) {
    if constexpr (has_values)
      return entry.first;
    else
      return entry;
  }
  template <class Entry>
  static void encode_entry(Entry const& entry, std::string& out) {
    codec<key_type>::encode(key_of(entry), out);
    if constexpr (has_values) codec<typename T::mapped_type>::encode(entry.second, out);
  }
};

}  // namespace weir
