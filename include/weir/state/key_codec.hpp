// key_codec: how a key is written so that the order of the bytes is the order of the keys.
#pragma once

#include <weir/state/codec.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

// The bytes of keys. For all keys a and b of one type: a < b exactly when bytes(a) < bytes(b), a == b exactly
// when bytes(a) == bytes(b), and bytes(a) is never the beginning of bytes(b). Key groups and the place on disk
// are made from these bytes, so they never change. Specialise it for a type of your own with encode, schema,
// and decode where keys are to be read back.
template <class T>
struct key_codec;

// A type by which a stream can be keyed.
template <class T>
concept has_key_codec = requires(std::remove_cvref_t<T> const& key, std::string& out) {
  key_codec<std::remove_cvref_t<T>>::encode(key, out);
  { key_codec<std::remove_cvref_t<T>>::schema() } -> std::convertible_to<std::string>;
};

// A key that can also be made again from its bytes: it owns what it shows.
template <class T>
concept storable_key = has_key_codec<T> && requires(T& key, byte_reader& in) { key_codec<T>::decode(in, key); };

// Appends the key's bytes. Error: weir::error for NaN, which equals nothing and so can be no key.
template <has_key_codec T>
void encode_key(T const& key, std::string& out) {
  key_codec<T>::encode(key, out);
}

// The key whose bytes these are; format_error where they are no key's.
template <storable_key T>
T decode_key(std::string_view bytes) {
  byte_reader in(bytes, &key_codec<T>::schema);
  T key{};
  key_codec<T>::decode(in, key);
  in.finish();
  return key;
}

namespace detail {

template <class T>
constexpr bits_of<T> sign_bit = static_cast<bits_of<T>>(bits_of<T>{1} << (8 * sizeof(T) - 1));

[[noreturn]] WEIR_COLD inline void nan_key() {
  throw error(
      "weir::key_by: NaN cannot be a key, it does not equal itself; filter such records out or give them a key "
      "of "
      "their own");
}

template <class... Ts>
std::string key_schema_list() {
  std::string text;
  ((text += text.empty() ? key_codec<Ts>::schema() : "," + key_codec<Ts>::schema()), ...);
  return text;
}

template <class T>
constexpr bool fields_have_key_codecs() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (has_key_codec<field_type<T, I>> && ...);
  }(std::make_index_sequence<field_count<T>>{});
}
template <class T>
concept key_struct = has_schema<T> && fields_have_key_codecs<T>();

}  // namespace detail

// Whole numbers: highest byte first; of signed ones the sign bit is turned, so that -1 stands before 0.
template <class T>
  requires(std::integral<T> && detail::storable_number<T>)
struct key_codec<T> {
  static void encode(T key, std::string& out) {
    using bits = detail::bits_of<T>;
    if constexpr (std::is_signed_v<T>)
      detail::append_big(out, static_cast<bits>(static_cast<bits>(key) ^ detail::sign_bit<T>));
    else
      detail::append_big(out, static_cast<bits>(key));
  }
  static void decode(byte_reader& in, T& key) {
    using bits = detail::bits_of<T>;
    auto const n = detail::load_big<bits>(in.take(sizeof(T)).data());
    if constexpr (std::is_same_v<T, bool>) {
      if (n > 1) in.fail("a bool that is neither 0 nor 1");
      key = n == 1;
    } else if constexpr (std::is_signed_v<T>) {
      key = static_cast<T>(static_cast<bits>(n ^ detail::sign_bit<T>));
    } else {
      key = static_cast<T>(n);
    }
  }
  static std::string schema() { return detail::number_schema<T>(); }
};

// -0.0 is written as 0.0, which it equals. Negative numbers have all bits turned, the others the sign bit.
template <class T>
  requires(std::floating_point<T> && detail::storable_number<T>)
struct key_codec<T> {
  using bits = detail::bits_of<T>;
  static void encode(T key, std::string& out) {
    if (key != key) detail::nan_key();
    auto const n = std::bit_cast<bits>(key == 0 ? T{0} : key);
    detail::append_big(out, static_cast<bits>(n & detail::sign_bit<T> ? ~n : n | detail::sign_bit<T>));
  }
  static void decode(byte_reader& in, T& key) {
    auto const n = detail::load_big<bits>(in.take(sizeof(T)).data());
    key = std::bit_cast<T>(static_cast<bits>(n & detail::sign_bit<T> ? n ^ detail::sign_bit<T> : ~n));
    if (key != key) in.fail("NaN as a key");
    if (n == static_cast<bits>(~detail::sign_bit<T>)) in.fail("-0.0 as a key, which is written as 0.0");
  }
  static std::string schema() { return detail::number_schema<T>(); }
};

template <class T>
  requires std::is_enum_v<T>
struct key_codec<T> {
  using number = std::underlying_type_t<T>;
  static void encode(T key, std::string& out) { key_codec<number>::encode(static_cast<number>(key), out); }
  static void decode(byte_reader& in, T& key) {
    number n{};
    key_codec<number>::decode(in, n);
    key = static_cast<T>(n);
  }
  static std::string schema() { return codec<T>::schema(); }
};

// The text with each zero byte as 00 FF, then 00 01: shorter texts stand before their continuations.
template <>
struct key_codec<std::string_view> {
  static void encode(std::string_view key, std::string& out) {
    for (std::size_t zero; (zero = key.find('\0')) != key.npos; key.remove_prefix(zero + 1))
      out.append(key.substr(0, zero)).append("\x00\xFF", 2);
    out.append(key).append("\x00\x01", 2);
  }
  static std::string schema() { return "string"; }
};
template <>
struct key_codec<std::string> : key_codec<std::string_view> {
  static void decode(byte_reader& in, std::string& key) {
    key.clear();
    for (;;) {
      unsigned char const c = in.byte();
      if (c != 0) {
        key.push_back(static_cast<char>(c));
        continue;
      }
      unsigned char const mark = in.byte();
      if (mark == 0x01) return;
      if (mark != 0xFF) in.fail("a text with a zero byte that is neither its end nor an escape");
      key.push_back('\0');
    }
  }
};

template <class Rep, class Period>
  requires has_key_codec<Rep>
struct key_codec<std::chrono::duration<Rep, Period>> {
  using value_type = std::chrono::duration<Rep, Period>;
  static void encode(value_type key, std::string& out) { key_codec<Rep>::encode(key.count(), out); }
  static void decode(byte_reader& in, value_type& key) {
    Rep n{};
    key_codec<Rep>::decode(in, n);
    key = value_type(n);
  }
  static std::string schema() { return codec<value_type>::schema(); }
};

template <class Duration>
  requires has_key_codec<Duration>
struct key_codec<std::chrono::sys_time<Duration>> {
  using value_type = std::chrono::sys_time<Duration>;
  static void encode(value_type key, std::string& out) {
    key_codec<Duration>::encode(key.time_since_epoch(), out);
  }
  static void decode(byte_reader& in, value_type& key) {
    Duration d{};
    key_codec<Duration>::decode(in, d);
    key = value_type(d);
  }
  static std::string schema() { return codec<value_type>::schema(); }
};

template <detail::decimal_like T>
struct key_codec<T> {
  using number = typename codec<T>::number;
  static void encode(T const& key, std::string& out) { key_codec<number>::encode(key.units(), out); }
  static void decode(byte_reader& in, T& key) {
    number n{};
    key_codec<number>::decode(in, n);
    key = T::from_units(n);
  }
  static std::string schema() { return codec<T>::schema(); }
};

// Nothing stands before every value, as std::optional orders it.
template <has_key_codec T>
struct key_codec<std::optional<T>> {
  static void encode(std::optional<T> const& key, std::string& out) {
    key_codec<bool>::encode(key.has_value(), out);
    if (key) key_codec<T>::encode(*key, out);
  }
  static void decode(byte_reader& in, std::optional<T>& key)
    requires storable_key<T>
  {
    bool present = false;
    key_codec<bool>::decode(in, present);
    key.reset();
    if (present) key_codec<T>::decode(in, key.emplace());
  }
  static std::string schema() { return "optional<" + key_codec<T>::schema() + ">"; }
};

// Part after part. A tuple of references, as key_by with several functions gives, has the bytes of its values.
template <has_key_codec... Ts>
struct key_codec<std::tuple<Ts...>> {
  static void encode(std::tuple<Ts...> const& key, std::string& out) {
    std::apply([&](auto const&... part) { (encode_key(part, out), ...); }, key);
  }
  static void decode(byte_reader& in, std::tuple<Ts...>& key)
    requires(storable_key<Ts> && ...)
  {
    std::apply([&](Ts&... part) { (key_codec<Ts>::decode(in, part), ...); }, key);
  }
  static std::string schema() { return "tuple<" + detail::key_schema_list<std::remove_cvref_t<Ts>...>() + ">"; }
};

template <has_key_codec A, has_key_codec B>
struct key_codec<std::pair<A, B>> {
  static void encode(std::pair<A, B> const& key, std::string& out) {
    encode_key(key.first, out);
    encode_key(key.second, out);
  }
  static void decode(byte_reader& in, std::pair<A, B>& key)
    requires(storable_key<A> && storable_key<B>)
  {
    key_codec<A>::decode(in, key.first);
    key_codec<B>::decode(in, key.second);
  }
  static std::string schema() {
    return "tuple<" + detail::key_schema_list<std::remove_cvref_t<A>, std::remove_cvref_t<B>>() + ">";
  }
};

template <has_key_codec T, std::size_t N>
struct key_codec<std::array<T, N>> {
  static void encode(std::array<T, N> const& key, std::string& out) {
    for (T const& part : key) key_codec<T>::encode(part, out);
  }
  static void decode(byte_reader& in, std::array<T, N>& key)
    requires storable_key<T>
  {
    for (T& part : key) key_codec<T>::decode(in, part);
  }
  static std::string schema() { return "array<" + key_codec<T>::schema() + "," + std::to_string(N) + ">"; }
};

// Structs adapted by Hana, and rows: in the order of their fields as they are named there.
template <detail::key_struct T>
struct key_codec<T> {
  static void encode(T const& key, std::string& out) {
    for_each_index<T>([&](auto i) { encode_key(get_field<i()>(key), out); });
  }
  static void decode(byte_reader& in, T& key) {
    for_each_index<T>([&](auto i) { key_codec<field_type<T, i()>>::decode(in, get_field<i()>(key)); });
  }
  static std::string schema() {
    std::string text = "struct{";
    for_each_index<T>([&](auto i) {
      text += (i() == 0 ? "" : ",");
      text += std::string(field_name<T, i()>()) + ":" + key_codec<field_type<T, i()>>::schema();
    });
    return text + "}";
  }
};

}  // namespace weir
