// The kinds of types that codecs tell apart, without codecs.
#pragma once

#include <weir/config.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class T>
concept storable_number = std::is_arithmetic_v<T> && sizeof(T) <= 8;

// The unsigned number of the same width.
template <class T>
using bits_of =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

template <class T>
std::string number_schema() {
  std::string const width = std::to_string(8 * sizeof(T));
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (std::is_floating_point_v<T>)
    return "float" + width;
  else if constexpr (std::is_same_v<T, char>)
    return "char";
  else
    return (std::is_signed_v<T> ? "int" : "uint") + width;
}

// std::map, std::unordered_map, boost::unordered_flat_map and their like, without including any of them.
template <class T>
concept map_like = requires(T& t, typename T::key_type k, typename T::mapped_type m) {
  t.try_emplace(std::move(k), std::move(m));
  t.clear();
  t.size();
  t.begin()->second;
};
template <class T>
concept set_like = !requires { typename T::mapped_type; } && requires(T& t, typename T::key_type k) {
  { t.insert(std::move(k)).second } -> std::convertible_to<bool>;
  t.clear();
  t.size();
};
template <class T>
concept in_order = requires { typename T::key_compare; };

template <class T>
concept decimal_like = requires(T const& t) {
  { t.units() } -> std::integral;
  { T::from_units(t.units()) } -> std::same_as<T>;
  { T::scale } -> std::convertible_to<int>;
};

template <class Period>
std::string period_schema() {
  return std::to_string(Period::num) + "/" + std::to_string(Period::den);
}

// Room for n elements, but no more than 64 KiB of it on the word of the bytes alone.
template <class Container, class T>
void cautious_reserve(Container& out, std::size_t n) {
  out.reserve(std::min(n, std::max<std::size_t>(1, 65536 / sizeof(T))));
}

}  // namespace weir::detail
