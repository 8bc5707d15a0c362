// Reading several characters at once: digits, special characters, and what is valid UTF-8.
#pragma once

#include <weir/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir::detail {

constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Eight characters, the first one in the lowest byte.
WEIR_INLINE std::uint64_t load_eight(char const* p) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, p, 8);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

// How many of eight characters, from the first on, are digits.
constexpr unsigned leading_digits(std::uint64_t bytes) {
  std::uint64_t const off = bytes ^ 0x3030303030303030u;  // 0 to 9 for digits
  std::uint64_t const others =
      (off | ((off & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u)) & 0x8080808080808080u;
  return others == 0 ? 8 : static_cast<unsigned>(std::countr_zero(others)) / 8;
}

// The number that the first n (1 to 8) of eight characters make, all of them digits: no loop, hence no branch that
// would be mispredicted where lengths vary.
constexpr std::uint64_t digits_value(std::uint64_t bytes, unsigned n) {
  bytes = (bytes & 0x0f0f0f0f0f0f0f0fu) << (64 - 8 * n);  // zeros come in front
  bytes = (bytes * 2561) >> 8 & 0x00ff00ff00ff00ffu;
  bytes = (bytes * 6553601) >> 16 & 0x0000ffff0000ffffu;
  return (bytes * 42949672960001) >> 32;
}

inline constexpr std::uint64_t small_powers[] = {1,       10,        100,        1'000,      10'000,
                                                 100'000, 1'000'000, 10'000'000, 100'000'000};

// Adds the digits at p to `sum`; gives where they end. What does not fit in 64 bits wraps: count them.
WEIR_INLINE char const* scan_digits(char const* p, char const* end, std::uint64_t& sum) {
  if (end - p >= 8) [[likely]] {
    std::uint64_t const bytes = load_eight(p);
    unsigned const n = leading_digits(bytes);
    if (n == 0) return p;
    sum = sum * small_powers[n] + digits_value(bytes, n);
    p += n;
    if (n < 8) [[likely]]
      return p;
  }
  for (; p != end && is_digit(*p); ++p) sum = sum * 10 + static_cast<unsigned char>(*p - '0');
  return p;
}

// The length of the valid UTF-8 sequence at p, 0 where there is none: no overlong forms, no surrogates, at most
// U+10FFFF.
constexpr std::size_t utf8_length(char const* p, char const* end) {
  auto const at = [&](std::ptrdiff_t i) -> unsigned { return static_cast<unsigned char>(p[i]); };
  auto const continues = [&](std::ptrdiff_t i) { return (at(i) & 0xc0) == 0x80; };
  std::ptrdiff_t const room = end - p;
  if (room < 1) return 0;
  unsigned const first = at(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return room >= 2 && continues(1) ? 2 : 0;
  if (first < 0xf0) {
    if (room < 3 || !continues(1) || !continues(2)) return 0;
    return (first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f) ? 0 : 3;
  }
  if (first > 0xf4 || room < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  return (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f) ? 0 : 4;
}

// Writes a code point; gives the end.
constexpr char* write_utf8(char* out, std::uint32_t code) {
  auto const put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) return put(code), out;
  if (code < 0x800) return put(0xc0 | code >> 6), put(0x80 | (code & 0x3f)), out;
  if (code < 0x10000)
    return put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f)), out;
  return put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f)), put(0x80 | (code >> 6 & 0x3f)),
         put(0x80 | (code & 0x3f)), out;
}

// What may stand in a JSON string as it is and is surely valid UTF-8.
constexpr bool plain_in_json(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// The first character in [p, end) that is not plain_in_json; end where there is none. Bytes up to `limit` can
// be read.
WEIR_INLINE char const* find_json_special(char const* p, char const* end, [[maybe_unused]] char const* limit) {
#ifdef __SSE2__
  for (; limit - p >= 16; p += 16) {
    __m128i const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const*>(p));
    // As signed bytes, those from 0x80 on are below 0x20 too.
    __m128i const special = _mm_or_si128(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    auto const mask = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (mask != 0) {
      char const* const found = p + __builtin_ctz(mask);
      return found < end ? found : end;
    }
    if (end - p <= 16) return end;
  }
#endif
  while (p < end && plain_in_json(*p)) ++p;
  return p;
}

// A bit for each of the 64 characters from p on that is a separator, a line feed or a quote; those from `end` on have
// none. Bits instead of one search per field: the fields' places then do not wait for each other.
WEIR_INLINE std::uint64_t csv_specials(char const* p, char const* end, char separator) {
  std::uint64_t bits = 0;
#ifdef __SSE2__
  if (end - p >= 64) [[likely]] {
    for (int i = 0; i < 4; ++i) {
      __m128i const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const*>(p) + i);
      __m128i const special = _mm_or_si128(
          _mm_cmpeq_epi8(bytes, _mm_set1_epi8(separator)),
          _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))));
      bits |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(special))) << (16 * i);
    }
    return bits;
  }
#endif
  for (unsigned i = 0; i < 64 && p != end; ++i, ++p)
    bits |= static_cast<std::uint64_t>(*p == separator || *p == '\n' || *p == '"') << i;
  return bits;
}

}  // namespace weir::detail
