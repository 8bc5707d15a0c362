// stored_key: the bytes of a key that someone wrote as text.
#pragma once

#include <weir/checkpoint/stored_json.hpp>
#include <weir/error.hpp>
#include <weir/format/json_reader.hpp>
#include <weir/format/text.hpp>
#include <weir/state/bytes.hpp>
#include <weir/state/schema_text.hpp>
#include <weir/time.hpp>

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace weir::detail {

// A string or a number may stand as it is: alice, 42, 2026-01-01T00:00:00Z. All else is JSON as stored_json writes it; structs
// may also be arrays. {"hex":"..."} gives the bytes themselves.
// Error: config_error in words.
class stored_key {
 public:
  // type: of the key; text: as above.
  static std::string bytes(schema_node const& type, std::string_view text) {
    stored_key key(type, text);
    if (key.hex()) return std::move(key.out_);
    if (type.opaque())
      key.refuse("only the program that wrote it can read keys of " + type.text +
                 ": give the bytes, as dump shows them: {\"hex\":\"00ff\"}");
    bool const bare = type.name == "string" && !text.starts_with('"');
    if (bare) {
      key.put_text(text);
      return std::move(key.out_);
    }
    char const* const end = key.value(type, key.json_.skip_space(key.text_.data()));
    if (key.json_.skip_space(end) != key.json_.end) key.refuse("there is more behind the key");
    return std::move(key.out_);
  }

 private:
  stored_key(schema_node const& type, std::string_view text) : type_(type), text_(text) {
    text_.push_back('\n');
    json_.end = text_.data() + text.size();
  }

  char const* value(schema_node const& type, char const* p) {
    if (type.name == "string") {
      std::string_view text;
      p = must(json_.read_string(p, text), "a string");
      put_text(text);
      return p;
    }
    if (type.name == "optional") {
      bool const none = std::string_view(p, json_.end).starts_with("null");
      out_.push_back(none ? '\0' : '\1');
      return none ? p + 4 : value(type.args[0], p);
    }
    if (type.name == "struct" && *p == '{') return members(type, p);
    if (type.name == "struct" || type.name == "tuple") return elements(type, type.args.size(), p);
    if (type.name == "array") return elements(type, type.count, p);
    auto const number = number_of(type.args.empty() ? type.name : type.args[0].name);
    if (!number) refuse("keys of " + type.text + " cannot be given as text");
    if (number->kind == 'b') {
      bool const yes = *p == 't';
      out_.push_back(yes ? '\1' : '\0');
      return must(json_.read_word(p, yes ? "true" : "false", ""), "true or false");
    }
    if (number->kind == 'c') {
      std::string_view text;
      p = must(json_.read_string(p, text), "a string of one character");
      if (text.size() != 1) refuse("a char is a string of one character");
      put_bits(*number, static_cast<unsigned char>(text[0]));
      return p;
    }
    if (type.name == "timestamp" && !is_number(p)) return time(type, *number, p);
    char const* const end = must(json_.number_end(p), "a number");
    std::string text(p, end);
    if (type.name == "decimal") text = units(text, type.parameter);
    if (number->kind == 'f')
      put_float(*number, text);
    else
      put_whole(*number, text);
    return end;
  }
  char const* elements(schema_node const& type, std::size_t n, char const* p) {
    if (*p != '[') refuse("an array of " + std::to_string(n) + " is needed for " + type.text);
    p = json_.skip_space(p + 1);
    for (std::size_t i = 0; i < n; ++i) {
      if (*p == ']') refuse(type.text + " has " + std::to_string(n) + " parts");
      p = must(json_.next_member(value(type.args[type.name == "array" ? 0 : i], p), ']'), "an array");
    }
    if (*p != ']') refuse(type.text + " has " + std::to_string(n) + " parts");
    return p + 1;
  }
  char const* members(schema_node const& type, char const* p) {
    std::vector<std::optional<std::string>> parts(type.args.size());
    std::string const before = std::move(out_);
    p = json_.skip_space(p + 1);
    while (*p != '}') {
      std::string_view name;
      p = must(json_.read_name(p, name), "an object");
      std::size_t i = 0;
      while (i < parts.size() && type.fields[i] != name) ++i;
      if (i == parts.size() || parts[i])
        refuse("the key has no field \"" + std::string(name) + "\", or has it twice");
      out_.clear();
      p = must(json_.next_member(value(type.args[i], p), '}'), "an object");
      parts[i] = out_;
    }
    out_ = before;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i]) refuse("the field \"" + type.fields[i] + "\" is missing");
      out_ += *parts[i];
    }
    return p + 1;
  }

  bool is_number(char const* p) const { return (*p == '-' || is_digit(*p)) && !looks_like_a_date(p); }
  bool looks_like_a_date(char const* p) const {
    return json_.end - p > 4 && is_digit(p[0]) && is_digit(p[3]) && p[4] == '-';
  }
  char const* time(schema_node const& type, schema_number number, char const* p) {
    std::string_view text(p, json_.end);
    char const* end = json_.end;
    if (*p == '"') end = must(json_.read_string(p, text), "a time");
    timestamp t;
    auto const period = period_of(type.parameter);
    if (!parse_timestamp(text, t) || !period)
      refuse("a time such as \"2026-01-01T00:00:00Z\", or the number of its ticks, is needed");
    __extension__ typedef __int128 wide;
    wide const scaled = static_cast<wide>(ticks(t)) * period->den;
    wide const tick_size = static_cast<wide>(period->num) * 1'000'000;
    if (scaled % tick_size != 0) refuse("the key has no such fractions of a second");
    put_bits(number, static_cast<std::uint64_t>(static_cast<std::int64_t>(scaled / tick_size)));
    return end;
  }
  // 12.5 with two digits behind the point is 1250.
  std::string units(std::string const& text, std::string const& scale_text) const {
    std::size_t scale = 0;
    std::from_chars(scale_text.data(), scale_text.data() + scale_text.size(), scale);
    std::size_t const point = text.find('.');
    std::string digits = text.substr(0, point);
    std::string const behind = point == text.npos ? "" : text.substr(point + 1);
    if (behind.size() > scale || scale > 64 || text.find_first_of("eE") != text.npos)
      refuse("the key has " + scale_text + " digits behind the point");
    return digits + behind + std::string(scale - behind.size(), '0');
  }

  void put_whole(schema_number number, std::string const& text) {
    std::uint64_t bits = 0;
    char const* const end = text.data() + text.size();
    bool fits = false;
    if (number.kind == 's') {
      std::int64_t n = 0;
      auto const [stop, error] = std::from_chars(text.data(), end, n);
      bits = static_cast<std::uint64_t>(n);
      fits = error == std::errc() && stop == end && with_sign(bits, number.bytes) == bits;
    } else {
      auto const [stop, error] = std::from_chars(text.data(), end, bits);
      fits = error == std::errc() && stop == end && (bits & low_bits(number.bytes)) == bits;
    }
    if (!fits) refuse(text + " is no whole number that fits");
    put_bits(number, bits);
  }
  void put_float(schema_number number, std::string const& text) {
    std::uint64_t bits = 0;
    if (number.bytes == 4) {
      float const x = std::strtof(text.c_str(), nullptr);
      bits = std::bit_cast<std::uint32_t>(x == 0 ? 0.0F : x);
    } else {
      double const x = std::strtod(text.c_str(), nullptr);
      bits = std::bit_cast<std::uint64_t>(x == 0 ? 0.0 : x);
    }
    put_bits(number, bits);
  }
  // As key_codec has them.
  void put_bits(schema_number number, std::uint64_t bits) {
    std::uint64_t const sign = std::uint64_t{1} << (8 * number.bytes - 1);
    bits &= low_bits(number.bytes);
    if (number.kind == 's' || (number.kind == 'c' && std::numeric_limits<char>::is_signed)) bits ^= sign;
    if (number.kind == 'f') bits = bits & sign ? ~bits : bits | sign;
    for (std::size_t i = number.bytes; i-- > 0;) out_.push_back(static_cast<char>(bits >> (8 * i)));
  }
  void put_text(std::string_view text) {
    for (char c : text) {
      out_.push_back(c);
      if (c == '\0') out_.push_back('\xFF');
    }
    out_.append("\x00\x01", 2);
  }

  bool hex() {
    std::string_view text = std::string_view(text_).substr(0, text_.size() - 1);
    constexpr std::string_view begin = "{\"hex\":\"", end = "\"}";
    if (!text.starts_with(begin) || !text.ends_with(end)) return false;
    text = text.substr(begin.size(), text.size() - begin.size() - end.size());
    if (text.size() % 2 != 0) refuse("two hexadecimal digits make a byte");
    for (std::size_t i = 0; i < text.size(); i += 2) {
      unsigned byte = 0;
      auto const [stop, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
      if (error != std::errc() || stop != text.data() + i + 2) refuse("this is no hexadecimal number");
      out_.push_back(static_cast<char>(byte));
    }
    return true;
  }
  char const* must(char const* p, std::string_view what) const {
    if (p == nullptr)
      refuse(std::string(what) + " is needed here" + (json_.fault.empty() ? "" : " (" + json_.fault + ")"));
    return p;
  }
  [[noreturn]] WEIR_COLD void refuse(std::string const& why) const {
    throw config_error("weir: the key " + text_.substr(0, text_.size() - 1) + ": " + why +
                       "; the state is keyed by " + type_.text);
  }

  schema_node const& type_;
  std::string text_;
  json_reader json_;
  std::string out_;
};

}  // namespace weir::detail
