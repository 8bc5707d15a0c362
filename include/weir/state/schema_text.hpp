// schema_text: what codec<T>::schema() says, read back: the form of stored bytes without their type.
#pragma once

#include <weir/state/bytes.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// A type in a schema text. A text may come from a damaged or a made-up file: whatever cannot be read is opaque,
// as the text of a user's own codec is.
struct schema_node {
  std::string text;                   // exactly as it stood
  std::string name{};                 // "int32", "list", "struct", ...; empty: opaque
  std::string parameter{};            // a period, a decimal's scale, the size of an array
  std::vector<schema_node> args{};    // the types it is made from, in order; of enum, duration, ...: its number
  std::vector<std::string> fields{};  // of a struct: the names, one for each of args
  std::size_t count = 0;              // bytes of a number, elements of an array
  bool known = false;                 // nothing opaque in it: skip() can tell where a value ends

  bool opaque() const { return name.empty(); }
};

// Longer or deeper than any program's: such a text is opaque.
inline constexpr std::size_t schema_text_limit = std::size_t{1} << 18;
inline constexpr unsigned schema_depth_limit = 64;

// Of the numbers' names: 's'igned, 'u'nsigned, 'f'loating, 'b'ool, 'c'har.
struct schema_number {
  char kind;
  std::size_t bytes;
};
WEIR_COLD inline std::optional<schema_number> number_of(std::string_view name) {
  static constexpr std::pair<std::string_view, schema_number> all[] = {
      {"bool", {'b', 1}},   {"char", {'c', 1}},   {"int8", {'s', 1}},    {"int16", {'s', 2}},
      {"int32", {'s', 4}},  {"int64", {'s', 8}},  {"uint8", {'u', 1}},   {"uint16", {'u', 2}},
      {"uint32", {'u', 4}}, {"uint64", {'u', 8}}, {"float32", {'f', 4}}, {"float64", {'f', 8}}};
  for (auto const& [text, number] : all)
    if (text == name) return number;
  return std::nullopt;
}

// The texts between commas that are in no brackets; nothing where the brackets do not match.
template <class = void>
WEIR_COLD std::optional<std::vector<std::string_view>> split_schema(std::string_view text) {
  std::vector<std::string_view> all;
  if (text.empty()) return all;
  std::string open;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '<' || c == '{') {
      open.push_back(c == '<' ? '>' : '}');
    } else if (c == '>' || c == '}') {
      if (open.empty() || open.back() != c) return std::nullopt;
      open.pop_back();
    } else if (c == ',' && open.empty()) {
      all.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  if (!open.empty()) return std::nullopt;
  all.push_back(text.substr(start));
  return all;
}

inline bool only_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Never throws but for lack of memory.
template <class = void>
WEIR_COLD schema_node parse_schema(std::string_view text, unsigned depth = 0) {
  schema_node const opaque{.text = std::string(text)};
  schema_node node = opaque;
  if (text.size() > schema_text_limit || depth > schema_depth_limit) return opaque;
  std::size_t const bracket = text.find_first_of("<{");
  node.name = text.substr(0, bracket);
  if (bracket == text.npos) {
    auto const number = number_of(node.name);
    if (!number && node.name != "string") return opaque;
    node.count = number ? number->bytes : 0;
    node.known = true;
    return node;
  }
  bool const is_struct = node.name == "struct";
  if (text[bracket] != (is_struct ? '{' : '<') || text.back() != (is_struct ? '}' : '>')) return opaque;
  auto parts = split_schema(text.substr(bracket + 1, text.size() - bracket - 2));
  if (!parts) return opaque;

  auto const take_parameter = [&](std::size_t at) {
    node.parameter = parts->at(at);
    parts->erase(parts->begin() + static_cast<std::ptrdiff_t>(at));
  };
  std::size_t const n = parts->size();
  bool const around_a_number =
      node.name == "enum" || node.name == "duration" || node.name == "timestamp" || node.name == "decimal";
  if (is_struct) {
    for (std::string_view& part : *parts) {
      std::size_t const colon = part.find(':');
      if (colon == 0 || colon == part.npos) return opaque;
      node.fields.emplace_back(part.substr(0, colon));
      part.remove_prefix(colon + 1);
    }
  } else if (node.name == "array") {
    if (n != 2) return opaque;
    take_parameter(1);
    std::string const& size = node.parameter;
    auto const [end, error] = std::from_chars(size.data(), size.data() + size.size(), node.count);
    if (error != std::errc() || end != size.data() + size.size()) return opaque;
  } else if (node.name == "duration" || node.name == "timestamp") {
    if (n != 2) return opaque;
    take_parameter(1);
    std::string_view const period = node.parameter;
    std::size_t const slash = period.find('/');
    if (slash == period.npos || !only_digits(period.substr(0, slash)) || !only_digits(period.substr(slash + 1)))
      return opaque;
  } else if (node.name == "decimal") {
    if (n != 2 || !only_digits((*parts)[0])) return opaque;
    take_parameter(0);
  } else {
    bool const one =
        node.name == "optional" || node.name == "list" || node.name == "set" || node.name == "enum";
    if (!(one && n == 1) && !(node.name == "map" && n == 2) && node.name != "tuple") return opaque;
  }
  node.known = true;
  for (std::string_view part : *parts) {
    if (part.empty()) return opaque;
    node.args.push_back(parse_schema(part, depth + 1));
    node.known = node.known && node.args.back().known;
  }
  if (around_a_number) {
    if (!number_of(node.args[0].name)) return opaque;
    node.count = node.args[0].count;
  }
  return node;
}

template <class = void>
WEIR_COLD void skip_known(schema_node const& type, byte_reader& in) {
  auto const skip_flag = [&] {
    unsigned char const flag = in.byte();
    if (flag > 1) in.fail("a bool that is neither 0 nor 1");
    return flag == 1;
  };
  if (type.name == "array") {
    if (type.count == 0) in.byte();
    for (std::size_t i = 0; i < type.count; ++i) skip_known(type.args[0], in);
  } else if (type.name == "bool") {
    skip_flag();
  } else if (type.count > 0) {
    in.take(type.count);
  } else if (type.name == "string") {
    in.take(in.count());
  } else if (type.name == "optional") {
    if (skip_flag()) skip_known(type.args[0], in);
  } else if (type.name == "struct" || type.name == "tuple") {
    if (type.args.empty()) in.byte();
    for (schema_node const& part : type.args) skip_known(part, in);
  } else {  // a list, a set, a map
    for (std::size_t n = in.count(); n > 0; --n)
      for (schema_node const& part : type.args) skip_known(part, in);
  }
}

// Reads over one value of this type. False, and nothing read, where the type is not known: only the codec that
// wrote a value can tell then where it ends. format_error where the bytes are damaged.
template <class = void>
bool skip(schema_node const& type, byte_reader& in) {
  if (type.known) skip_known(type, in);
  return type.known;
}

}  // namespace weir::detail
