// key_hash: the hash of keys in memory. It may change with every version; what lies on disk is placed by
// key_group.
#pragma once

#include <weir/core/schema.hpp>
#include <weir/error.hpp>

#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

namespace detail {

__extension__ typedef unsigned __int128 uint128;

// Both halves of a product, folded: every bit of both factors reaches every bit of the result.
WEIR_INLINE std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  uint128 const product = static_cast<uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

WEIR_INLINE std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0x9E3779B97F4A7C15u;
  return x ^ x >> 29;
}

template <class Unsigned>
WEIR_INLINE std::uint64_t read_bytes(char const* p) {
  Unsigned x;
  std::memcpy(&x, p, sizeof x);
  return x;
}

// After wyhash by Wang Yi: two reads for texts of up to 16 bytes, which most keys are.
inline std::uint64_t hash_bytes(char const* p, std::size_t n) {
  constexpr std::uint64_t s0 = 0xA0761D6478BD642Fu, s1 = 0xE7037ED1A0B428DBu;
  std::uint64_t seed = s0, a = 0, b = 0;
  if (n <= 16) {
    if (n >= 8) {
      a = read_bytes<std::uint64_t>(p), b = read_bytes<std::uint64_t>(p + n - 8);
    } else if (n >= 4) {
      a = read_bytes<std::uint32_t>(p), b = read_bytes<std::uint32_t>(p + n - 4);
    } else if (n > 0) {
      auto const at = [p](std::size_t i) {
        return static_cast<std::uint64_t>(static_cast<unsigned char>(p[i]));
      };
      a = at(0) << 16 | at(n / 2) << 8 | at(n - 1);
    }
  } else {
    std::size_t left = n;
    for (; left > 16; left -= 16, p += 16)
      seed = fold(read_bytes<std::uint64_t>(p) ^ s1, read_bytes<std::uint64_t>(p + 8) ^ seed);
    a = read_bytes<std::uint64_t>(p + left - 16), b = read_bytes<std::uint64_t>(p + left - 8);
  }
  return fold(s1 ^ n, fold(a ^ s1, b ^ seed));
}

[[noreturn]] WEIR_COLD inline void nan_hashed() {
  throw error(
      "weir::key_by: NaN cannot be a key, it does not equal itself; filter such records out or give them a key "
      "of "
      "their own");
}

template <class T>
concept has_units = requires(T const& t) {
  { t.units() } -> std::integral;
};
template <class T>
concept tuple_like = requires { std::tuple_size<T>::value; };
template <class T>
concept std_hashable = requires(T const& t) {
  { std::hash<T>{}(t) } -> std::convertible_to<std::size_t>;
};

template <class T>
WEIR_INLINE std::uint64_t hash_of(T const& key);

template <std::size_t N, class Get>
WEIR_INLINE std::uint64_t hash_fields(Get const& get) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    std::uint64_t h = 0x9E3779B97F4A7C15u;
    ((h = fold(h ^ hash_of(get(std::integral_constant<std::size_t, I>{})), 0xA0761D6478BD642Fu)), ...);
    return h;
  }(std::make_index_sequence<N>{});
}

// Whether hash_of has an answer for a T.
template <class T>
constexpr bool is_hashable();
template <class T, std::size_t... I>
constexpr bool fields_are_hashable(std::index_sequence<I...>) {
  if constexpr (has_schema<T>)
    return (is_hashable<field_type<T, I>>() && ...);
  else
    return (is_hashable<std::remove_cvref_t<std::tuple_element_t<I, T>>>() && ...);
}
template <class T>
constexpr bool is_hashable() {
  if constexpr (
      std::is_enum_v<T> || std::is_arithmetic_v<T> || std::convertible_to<T const&, std::string_view> ||
      has_units<T> || requires(T const& t) { t.time_since_epoch(); } ||
      requires(T const& t) { std::chrono::duration{t}; })
    return true;
  else if constexpr (requires(T const& t) { t.has_value(), *t; })
    return is_hashable<std::remove_cvref_t<decltype(*std::declval<T const&>())>>();
  else if constexpr (has_schema<T>)
    return fields_are_hashable<T>(std::make_index_sequence<field_count<T>>{});
  else if constexpr (tuple_like<T>)
    return fields_are_hashable<T>(std::make_index_sequence<std::tuple_size_v<T>>{});
  else
    return std_hashable<T>;
}

// Equal keys have equal hashes also when one is a view of the other, or a tuple of references to its parts.
template <class T>
WEIR_INLINE std::uint64_t hash_of(T const& key) {
  if constexpr (std::is_enum_v<T>) {
    return mix(static_cast<std::uint64_t>(key));
  } else if constexpr (std::integral<T>) {
    return mix(static_cast<std::uint64_t>(key));
  } else if constexpr (std::floating_point<T>) {
    if (key != key) [[unlikely]]
      nan_hashed();
    return mix(std::bit_cast<std::uint64_t>(static_cast<double>(key == 0 ? T{0} : key)));
  } else if constexpr (std::convertible_to<T const&, std::string_view>) {
    std::string_view const text = key;
    return hash_bytes(text.data(), text.size());
  } else if constexpr (requires { key.time_since_epoch(); }) {
    return hash_of(key.time_since_epoch());
  } else if constexpr (requires(T const& d) { std::chrono::duration{d}; }) {
    return hash_of(key.count());
  } else if constexpr (has_units<T>) {
    return hash_of(key.units());
  } else if constexpr (requires { key.has_value(), *key; }) {
    return key ? fold(hash_of(*key) ^ 1, 0xA0761D6478BD642Fu) : 0;
  } else if constexpr (has_schema<T>) {
    return hash_fields<field_count<T>>([&](auto i) -> auto const& { return get_field<i()>(key); });
  } else if constexpr (tuple_like<T>) {
    return hash_fields<std::tuple_size_v<T>>([&](auto i) -> auto const& { return std::get<i()>(key); });
  } else {
    constexpr bool the_key_has_a_hash = std_hashable<T>;
    static_assert(the_key_has_a_hash,
                  "weir::key_by: this type cannot be a key; adapt it with BOOST_HANA_ADAPT_STRUCT "
                  "or specialise std::hash for it");
    if constexpr (the_key_has_a_hash)
      return mix(std::hash<T>{}(key));
    else
      return 0;
  }
}

}  // namespace detail

// The hash of a Key and of what a look-up gives in its place. NaN throws weir::error.
template <class Key>
struct key_hash {
  using is_avalanching = void;
  using is_transparent = void;
  template <class K>
  WEIR_INLINE std::size_t operator()(K const& key) const {
    return static_cast<std::size_t>(detail::hash_of(key));
  }
};

// Equality between a Key and what a look-up gives in its place. A struct without == is compared field by field.
template <class Key>
struct key_equal {
  using is_transparent = void;
  template <class A, class B>
  WEIR_INLINE bool operator()(A const& a, B const& b) const {
    if constexpr (requires {
                    { a == b } -> std::convertible_to<bool>;
                  }) {
      return a == b;
    } else {
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (key_equal<void>{}(get_field<I>(a), get_field<I>(b)) && ...);
      }(std::make_index_sequence<field_count<A>>{});
    }
  }
};

}  // namespace weir
