// stored_json: stored keys and values as JSON, by the text of their schema alone.
#pragma once

#include <weir/format/json_writer.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/state/bytes.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/schema_text.hpp>

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir::detail {

// {"hex":"00ff"}: what cannot be shown as text.
inline void write_hex(text_buffer& out, std::string_view bytes) {
  out.append("{\"hex\":\"");
  for (char c : bytes) {
    out.append("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    out.append("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
  }
  out.append("\"}");
}
inline bool is_utf8(std::string_view text) {
  char const* const end = text.data() + text.size();
  for (char const* p = text.data(); p != end;) {
    std::size_t const n = utf8_length(p, end);
    if (n == 0) return false;
    p += n;
  }
  return true;
}

// A number's bits as they were written, widened.
struct stored_number {
  char kind = 'u';  // as in schema_number
  std::size_t bytes = 0;
  std::uint64_t bits = 0;  // of 's' with its sign

  std::int64_t whole() const { return static_cast<std::int64_t>(bits); }
  bool negative() const { return kind == 's' && whole() < 0; }
  std::uint64_t magnitude() const { return negative() ? 0 - bits : bits; }
};
inline std::uint64_t with_sign(std::uint64_t bits, std::size_t bytes) {
  unsigned const shift = static_cast<unsigned>(64 - 8 * bytes);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << shift) >> shift);
}
inline std::uint64_t low_bits(std::size_t bytes) { return ~std::uint64_t{0} >> (64 - 8 * bytes); }

// How numbers and texts lie in values (codec.hpp).
struct value_bytes {
  static constexpr bool is_key = false;
  static stored_number number(schema_number type, byte_reader& in) {
    std::string_view const bytes = in.take(type.bytes);
    std::uint64_t bits = 0;
    for (std::size_t i = type.bytes; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    return {type.kind, type.bytes, type.kind == 's' ? with_sign(bits, type.bytes) : bits};
  }
  static std::string text(byte_reader& in) { return std::string(in.take(in.count())); }
};
// How they lie in keys (key_codec.hpp).
struct key_bytes {
  static constexpr bool is_key = true;
  static stored_number number(schema_number type, byte_reader& in) {
    std::uint64_t bits = 0;
    for (char c : in.take(type.bytes)) bits = bits << 8 | static_cast<unsigned char>(c);
    std::uint64_t const sign = std::uint64_t{1} << (8 * type.bytes - 1);
    // A char has the sign that it has on the machine: it may be turned too.
    bool const turned = type.kind == 's' || (type.kind == 'c' && std::numeric_limits<char>::is_signed);
    if (turned) bits ^= sign;
    if (type.kind == 'f') bits = bits & sign ? bits ^ sign : ~bits & low_bits(type.bytes);
    return {type.kind, type.bytes, type.kind == 's' ? with_sign(bits, type.bytes) : bits};
  }
  static std::string text(byte_reader& in) {
    std::string all;
    for (;;) {
      unsigned char const c = in.byte();
      if (c != 0) {
        all.push_back(static_cast<char>(c));
        continue;
      }
      unsigned char const mark = in.byte();
      if (mark == 0x01) return all;
      if (mark != 0xFF) in.fail("a text with a zero byte that is neither its end nor an escape");
      all.push_back('\0');
    }
  }
};

// "1/1000000": seconds in a tick.
struct schema_period {
  std::uint64_t num = 0, den = 0;
};
inline std::optional<schema_period> period_of(std::string_view text) {
  std::size_t const slash = text.find('/');
  schema_period p;
  if (slash == text.npos) return std::nullopt;
  auto const whole = [](std::string_view digits, std::uint64_t& to) {
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), to);
    return error == std::errc() && end == digits.data() + digits.size() && to != 0;
  };
  if (!whole(text.substr(0, slash), p.num) || !whole(text.substr(slash + 1), p.den)) return std::nullopt;
  return p;
}

// Writes one value of a known type. Numbers, decimals, durations (as their ticks) and enumerations (as their numbers) as
// numbers; NaN and infinities as null; timestamps as ISO 8601 where microseconds say them exactly, else as their ticks; structs,
// and maps with keys of text or whole numbers, as objects; other maps as pairs; text that is not UTF-8 as {"hex":"..."}.
// Errors: format_error where the bytes are no such value.
template <class Bytes>
class stored_json {
 public:
  stored_json(text_buffer& out, byte_reader& in) : out_(out), in_(in) {}

  void write(schema_node const& type) {
    if (type.opaque()) in_.fail("a value that only the program which wrote it can read");
    if (auto const number = number_of(type.name)) return write_number(Bytes::number(*number, in_));
    if (type.name == "string") return write_string(Bytes::text(in_));
    if (type.name == "optional") return write_optional(type);
    if (type.name == "struct") return write_struct(type);
    if (type.name == "tuple") return write_parts(type);
    if (type.name == "array") return write_array(type);
    if (type.name == "list" || type.name == "set") return write_elements(type.args[0], in_.count());
    if (type.name == "map") return write_map(type);
    stored_number const n = Bytes::number(*number_of(type.args[0].name), in_);
    if (type.name == "timestamp") return write_time(n, type.parameter);
    if (type.name == "decimal") return write_decimal(n, type.parameter);
    write_number(n);
  }

 private:
  void write_number(stored_number const& n) {
    if (n.kind == 'b') {
      if (n.bits > 1) in_.fail("a bool that is neither 0 nor 1");
      write_json(out_, n.bits == 1);
    } else if (n.kind == 'c') {
      write_string(std::string(1, static_cast<char>(n.bits)));
    } else if (n.kind == 'f') {
      if (n.bytes == 4)
        write_json(out_, std::bit_cast<float>(static_cast<std::uint32_t>(n.bits)));
      else
        write_json(out_, std::bit_cast<double>(n.bits));
    } else if (n.kind == 's') {
      write_json(out_, n.whole());
    } else {
      write_json(out_, n.bits);
    }
  }
  void write_string(std::string const& text) {
    if (is_utf8(text))
      write_json_string(out_, text);
    else
      write_hex(out_, text);
  }
  void write_optional(schema_node const& type) {
    if (present())
      write(type.args[0]);
    else
      out_.append("null");
  }
  void write_struct(schema_node const& type) {
    nothing(type.args.size());
    out_.append('{');
    for (std::size_t i = 0; i < type.args.size(); ++i) {
      if (i != 0) out_.append(',');
      write_json_string(out_, type.fields[i]);
      out_.append(':');
      write(type.args[i]);
    }
    out_.append('}');
  }
  void write_parts(schema_node const& type) {
    nothing(type.args.size());
    out_.append('[');
    for (std::size_t i = 0; i < type.args.size(); ++i) {
      if (i != 0) out_.append(',');
      write(type.args[i]);
    }
    out_.append(']');
  }
  void write_array(schema_node const& type) {
    nothing(type.count);
    write_elements(type.args[0], type.count);
  }
  void write_elements(schema_node const& type, std::size_t n) {
    out_.append('[');
    for (std::size_t i = 0; i < n; ++i) {
      if (i != 0) out_.append(',');
      std::size_t const before = in_.remaining();
      write(type);
      // Only a part of a key takes no bytes; all of them are equal then, and a made-up schema may name any number of them.
      if (in_.remaining() == before) break;
    }
    out_.append(']');
  }
  void write_map(schema_node const& type) {
    auto const number = number_of(type.args[0].name);
    bool const whole = number && (number->kind == 's' || number->kind == 'u');
    bool const object = whole || type.args[0].name == "string";
    std::size_t const n = in_.count();
    out_.append(object ? '{' : '[');
    for (std::size_t i = 0; i < n; ++i) {
      if (i != 0) out_.append(',');
      if (!object) out_.append('[');
      if (object && !whole) {
        write_json_string(out_, Bytes::text(in_));  // a name must be a string: what is no UTF-8 is replaced
      } else {
        if (object) out_.append('"');
        write(type.args[0]);
        if (object) out_.append('"');
      }
      out_.append(object ? ':' : ',');
      write(type.args[1]);
      if (!object) out_.append(']');
    }
    out_.append(object ? '}' : ']');
  }
  void write_time(stored_number const& n, std::string_view period) {
    auto const p = period_of(period);
    // Small enough that the product fits in 128 bits.
    constexpr std::uint64_t limit = 1'000'000'000'000;
    if (n.kind == 'f' || !p || p->num > limit) return write_number(n);
    if (n.kind == 'u' && n.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return write_number(n);
    __extension__ typedef __int128 wide;
    wide const scaled = static_cast<wide>(n.whole()) * p->num * 1'000'000;
    wide const us = scaled / p->den;
    if (us * p->den != scaled || us > std::numeric_limits<std::int64_t>::max() ||
        us < std::numeric_limits<std::int64_t>::min())
      return write_number(n);
    write_json(out_, from_ticks(static_cast<std::int64_t>(us)));
  }
  void write_decimal(stored_number const& n, std::string_view scale_text) {
    std::size_t scale = 0;
    std::from_chars(scale_text.data(), scale_text.data() + scale_text.size(), scale);
    if (scale == 0 || scale > 64 || n.kind == 'f') return write_number(n);
    std::string digits = std::to_string(n.magnitude());
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
    if (n.negative()) out_.append('-');
    out_.append(digits);
  }
  bool present() {
    unsigned char const flag = in_.byte();
    if (flag > 1) in_.fail("a bool that is neither 0 nor 1");
    return flag == 1;
  }
  // Each value takes a byte at least; a key takes none.
  void nothing(std::size_t parts) {
    if constexpr (!Bytes::is_key)
      if (parts == 0) in_.byte();
  }

  text_buffer& out_;
  byte_reader& in_;
};

}  // namespace weir::detail
