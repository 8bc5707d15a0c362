// Reading JSON strictly: strings, numbers, and what is to be skipped.
#pragma once

#include <weir/format/problem.hpp>
#include <weir/format/scan.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::detail {

// Every function takes where a token starts and gives where it ends, or nullptr after noting the fault. All of them read
// bytes that have a line feed ahead, which ends every JSON line and stops every scan.
class json_reader {
 public:
  // How deep arrays and objects may stand inside of each other.
  static constexpr int max_depth = 64;

  char const* end = nullptr;
  char const* fault_at = nullptr;
  std::string fault;
  std::string field;
  text_arena arena;

  WEIR_COLD char const* fail(char const* place, std::string_view reason) {
    fault_at = place;
    fault = reason;
    field.clear();
    return nullptr;
  }
  // The fault lies inside of this field.
  WEIR_COLD char const* inside(std::string_view name) {
    field.insert(0, field.empty() ? std::string(name) : std::string(name) + '.');
    return nullptr;
  }

  WEIR_INLINE static char const* skip_space(char const* p) {
    while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
    return p;
  }

  // A string with its quotes. The text is in the input, or in the arena where escapes had to be undone.
  WEIR_INLINE char const* read_string(char const* p, std::string_view& text) {
    if (*p != '"') return fail(p, "is not a string");
    char const* const stop = find_json_special(p + 1, end, end);
    if (*stop != '"') [[unlikely]]
      return read_rare_string(p, text);
    text = {p + 1, stop};
    return stop + 1;
  }

  // The number's end by JSON's grammar: no leading zeros, plus signs or bare points.
  WEIR_INLINE char const* number_end(char const* p) {
    char const* const start = p;
    if (*p == '-') ++p;
    std::uint64_t sum = 0;
    char const* const digits = p;
    p = scan_digits(p, end, sum);
    if (p == digits || (*digits == '0' && p - digits > 1)) return fail(start, "is not a number");
    if (*p == '.') {
      char const* const places = ++p;
      p = scan_digits(p, end, sum);
      if (p == places) return fail(start, "is not a number");
    }
    if ((*p | 0x20) == 'e') {
      ++p;
      if (*p == '+' || *p == '-') ++p;
      char const* const exponent = p;
      p = scan_digits(p, end, sum);
      if (p == exponent) return fail(start, "is not a number");
    }
    return p;
  }

  char const* read_word(char const* p, std::string_view word, std::string_view reason) {
    for (std::size_t i = 0; i < word.size(); ++i)
      if (p[i] != word[i]) return fail(p, reason);  // stops at the line feed at the latest
    return p + word.size();
  }

  // Any value, checked as strictly as one that is kept.
  char const* skip_value(char const* p, int depth) {
    std::string_view unused;
    switch (*p) {
      case '"':
        return read_string(p, unused);
      case '{':
        return skip_members(p, depth, '}');
      case '[':
        return skip_members(p, depth, ']');
      case 't':
        return read_word(p, "true", "is not a JSON value");
      case 'f':
        return read_word(p, "false", "is not a JSON value");
      case 'n':
        return read_word(p, "null", "is not a JSON value");
      default:
        return *p == '-' || is_digit(*p) ? number_end(p) : fail(p, "is not a JSON value");
    }
  }

  // Behind a member or an element: the next one's start, or the closing bracket, which is not consumed.
  WEIR_INLINE char const* next_member(char const* p, char close) {
    p = skip_space(p);
    if (*p == close) return p;
    if (*p != ',')
      return fail(p, close == '}' ? "a comma or a closing brace is missing here"
                                  : "a comma or a closing bracket is missing here");
    p = skip_space(p + 1);
    return *p == close ? fail(p, "there is a comma too much") : p;
  }

  // A member's name and its colon.
  char const* read_name(char const* p, std::string_view& name) {
    if (*p != '"') return fail(p, "a member's name is missing here");
    p = read_string(p, name);
    if (!p) return nullptr;
    p = skip_space(p);
    return *p == ':' ? skip_space(p + 1) : fail(p, "a colon is missing here");
  }

 private:
  char const* skip_members(char const* p, int depth, char close) {
    if (depth >= max_depth) return fail(p, "is nested too deeply");
    p = skip_space(p + 1);
    while (*p != close) {
      std::string_view name;
      if (close == '}') p = read_name(p, name);
      if (p) p = skip_value(p, depth + 1);
      if (p) p = next_member(p, close);
      if (!p) return nullptr;
    }
    return p + 1;
  }

  // With escapes or characters that are not ASCII.
  WEIR_NOINLINE char const* read_rare_string(char const* start, std::string_view& text) {
    char const* p = start + 1;
    bool escapes = false;
    while (*p != '"' && *p != '\n') {
      escapes = escapes || *p == '\\';
      p += *p == '\\' && p[1] != '\n' ? 2 : 1;
    }
    if (*p == '\n') return fail(start, "the string is not closed on its line");
    char const* const stop = p;
    char* const room = escapes ? arena.reserve(static_cast<std::size_t>(stop - start)) : nullptr;
    char* to = room;
    for (p = start + 1; p != stop;) {
      if (*p == '\\') {
        p = undo_escape(p, stop, to);
        if (!p) return nullptr;
        continue;
      }
      std::size_t const length = utf8_length(p, stop);
      if (length == 0) return fail(p, "these bytes are not UTF-8");
      if (static_cast<unsigned char>(*p) < 0x20)
        return fail(p, "a control character stands in a string unescaped");
      if (escapes) {
        std::memcpy(to, p, length);
        to += length;
      }
      p += length;
    }
    text = escapes ? arena.keep(static_cast<std::size_t>(to - room)) : std::string_view(start + 1, stop);
    return stop + 1;
  }

  char const* undo_escape(char const* p, char const* stop, char*& to) {
    char const* const start = p++;
    switch (*p++) {
      case '"':
        *to++ = '"';
        return p;
      case '\\':
        *to++ = '\\';
        return p;
      case '/':
        *to++ = '/';
        return p;
      case 'b':
        *to++ = '\b';
        return p;
      case 'f':
        *to++ = '\f';
        return p;
      case 'n':
        *to++ = '\n';
        return p;
      case 'r':
        *to++ = '\r';
        return p;
      case 't':
        *to++ = '\t';
        return p;
      case 'u':
        break;
      default:
        return fail(start, "there is no such escape");
    }
    std::uint32_t code = 0;
    if (!read_hex(p, stop, code)) return fail(start, "\\u needs four hexadecimal digits");
    if (code - 0xd800 < 0x800) {  // one half of a character beyond U+FFFF; the first half must come first
      std::uint32_t low = 0;
      if (code >= 0xdc00 || stop - p < 6 || p[0] != '\\' || p[1] != 'u' || !read_hex(p += 2, stop, low) ||
          low - 0xdc00 >= 0x400)
        return fail(start, "a surrogate stands alone");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    to = write_utf8(to, code);
    return p;
  }

  static bool read_hex(char const*& p, char const* stop, std::uint32_t& value) {
    if (stop - p < 4) return false;
    value = 0;
    for (int i = 0; i < 4; ++i, ++p) {
      auto const letter = static_cast<unsigned char>(*p | 0x20);
      if (is_digit(*p))
        value = value * 16 + static_cast<std::uint32_t>(*p - '0');
      else if (letter >= 'a' && letter <= 'f')
        value = value * 16 + (letter - 'a' + 10u);
      else
        return false;
    }
    return true;
  }
};

}  // namespace weir::detail
