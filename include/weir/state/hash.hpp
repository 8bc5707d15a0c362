// xxh64: the named, stable hash of weir. Key groups and checksums on disk are made of it, so it never changes.
#pragma once

#include <weir/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

namespace weir {

namespace detail {

inline constexpr std::uint64_t xxh_prime1 = 0x9E3779B185EBCA87u;
inline constexpr std::uint64_t xxh_prime2 = 0xC2B2AE3D27D4EB4Fu;
inline constexpr std::uint64_t xxh_prime3 = 0x165667B19E3779F9u;
inline constexpr std::uint64_t xxh_prime4 = 0x85EBCA77C2B2AE63u;
inline constexpr std::uint64_t xxh_prime5 = 0x27D4EB2F165667C5u;

// An unsigned number from its little-endian bytes, wherever they lie.
template <class Unsigned>
inline Unsigned load_little(char const* p) {
  Unsigned x;
  std::memcpy(&x, p, sizeof x);
  if constexpr (std::endian::native == std::endian::big) {
    Unsigned turned = 0;
    for (std::size_t i = 0; i < sizeof x; ++i) turned |= ((x >> (8 * i)) & 0xFF) << (8 * (sizeof x - 1 - i));
    return turned;
  }
  return x;
}

inline std::uint64_t xxh_round(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * xxh_prime2, 31) * xxh_prime1;
}

}  // namespace detail

// XXH64 by Yann Collet: the same number on every machine and in every version of weir.
inline std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed = 0) {
  using namespace detail;
  char const* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t h = seed + xxh_prime5;
  if (left >= 32) {
    std::uint64_t a = seed + xxh_prime1 + xxh_prime2;
    std::uint64_t b = seed + xxh_prime2;
    std::uint64_t c = seed;
    std::uint64_t d = seed - xxh_prime1;
    for (; left >= 32; p += 32, left -= 32) {
      a = xxh_round(a, load_little<std::uint64_t>(p));
      b = xxh_round(b, load_little<std::uint64_t>(p + 8));
      c = xxh_round(c, load_little<std::uint64_t>(p + 16));
      d = xxh_round(d, load_little<std::uint64_t>(p + 24));
    }
    h = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
    for (std::uint64_t lane : {a, b, c, d}) h = (h ^ xxh_round(0, lane)) * xxh_prime1 + xxh_prime4;
  }
  h += bytes.size();
  for (; left >= 8; p += 8, left -= 8)
    h = std::rotl(h ^ xxh_round(0, load_little<std::uint64_t>(p)), 27) * xxh_prime1 + xxh_prime4;
  if (left >= 4) {
    h = std::rotl(h ^ load_little<std::uint32_t>(p) * xxh_prime1, 23) * xxh_prime2 + xxh_prime3;
    p += 4, left -= 4;
  }
  for (; left > 0; ++p, --left) h = std::rotl(h ^ static_cast<unsigned char>(*p) * xxh_prime5, 11) * xxh_prime1;
  h = (h ^ h >> 33) * xxh_prime2;
  h = (h ^ h >> 29) * xxh_prime3;
  return h ^ h >> 32;
}

}  // namespace weir
