// Finding the next special character, and what is valid UTF-8.
#pragma once

#include <weir/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir::detail {

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

// The first separator, line feed or quote in [p, end); end where there is none.
WEIR_INLINE char const* find_csv_special(char const* p, char const* end, char separator) {
#ifdef __SSE2__
  __m128i const wanted = _mm_set1_epi8(separator);
  for (; end - p >= 16; p += 16) {
    __m128i const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const*>(p));
    __m128i const special = _mm_or_si128(
        _mm_cmpeq_epi8(bytes, wanted),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))));
    auto const mask = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#endif
  while (p < end && *p != separator && *p != '\n' && *p != '"') ++p;
  return p;
}

}  // namespace weir::detail
