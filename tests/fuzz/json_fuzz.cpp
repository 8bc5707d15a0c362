// JSON lines: the first byte chooses the type and the form of times, the others are the file.
#include "reading.hpp"

#include <weir/format/json.hpp>
#include <weir/format/json_writer.hpp>

#ifdef WEIR_WITH_SIMDJSON
#include <simdjson.h>
#endif

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

enum class json_color : std::uint8_t { red, green };
template <>
struct weir::enum_names<json_color> {
  static constexpr std::string_view values[] = {"red", "gr\"een"};
};

namespace {

struct inner {
  std::string_view s;
  std::optional<std::int16_t> n;
};
struct all_kinds {
  std::string_view s;
  std::int64_t n;
  double d;
  std::optional<weir::decimal<3>> money;
  std::optional<weir::timestamp> at;
  std::optional<json_color> color;
  std::optional<char> letter;
  std::optional<bool> yes;
  std::optional<float> f;
  std::optional<inner> in;
  std::optional<std::vector<std::optional<inner>>> list;
  std::optional<std::map<std::string, std::vector<std::uint8_t>>> map;
  std::optional<std::map<std::int32_t, double>> numbers;
  std::optional<std::set<std::int32_t>> set;
};
// Anything that is an object: its members are only skipped.
struct no_field {
  std::optional<int> never;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(inner, s, n);
BOOST_HANA_ADAPT_STRUCT(all_kinds, s, n, d, money, at, color, letter, yes, f, in, list, map, numbers, set);
BOOST_HANA_ADAPT_STRUCT(no_field, never);

namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

template <class T>
weir_fuzz::reading check(std::string_view text, weir::time_form form) {
  weir::json_writer<T> const writer(form);
  auto const show = [&](T const& value) {
    weir::text_buffer out;
    writer.row(out, value);
    return std::string(out.view());
  };
  weir::json_parser<T> const parser({.time = form});
  auto const whole = weir_fuzz::read_all<T>(parser, text, show);

  std::size_t filled = 0, lines = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::size_t const end = rest.find('\n');
    bool const blank = is_blank(rest.substr(0, end));
    filled += !blank;
    lines += !blank || end != rest.npos;
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  weir_fuzz::require(whole.all.size() == filled, "every line that is not blank is a record or malformed");
  weir_fuzz::require(whole.lines == lines, "all lines are counted");

  std::string file;
  std::size_t good = 0;
  for (auto const& one : whole.all)
    if (one.good) file += one.value, ++good;
  auto const again = weir_fuzz::read_in_chunks<T>(parser, file, file.size() + 1, show);
  std::string file_again;
  for (auto const& one : again.all) {
    weir_fuzz::require(one.good, "what was written can be read", one.value);
    file_again += one.value;
  }
  weir_fuzz::require(again.all.size() == good && file == file_again, "what was written is read as the same",
                     file + "|" + file_again);
  return whole;
}

#ifdef WEIR_WITH_SIMDJSON
// More digits in a row than a 64-bit number is sure to hold, or an exponent: simdjson refuses numbers that do not fit, also
// those that nobody asks for.
bool has_large_number(std::string_view text) {
  int row = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    row = weir::detail::is_digit(text[i]) ? row + 1 : 0;
    if (row > 18 || (row > 0 && i + 1 < text.size() && (text[i + 1] | 32) == 'e')) return true;
  }
  return false;
}
bool simdjson_accepts_object(std::string_view line) {
  static simdjson::dom::parser parser(std::size_t{1} << 20);
  if (parser.max_depth() != 65) (void)parser.allocate(std::size_t{1} << 16, 65);
  simdjson::padded_string const padded(line);
  simdjson::dom::element read;
  return parser.parse(padded).get(read) == simdjson::SUCCESS && read.is_object();
}
// A line of which every member is skipped is accepted exactly where simdjson takes it for an object.
void agree(std::string_view text) {
  weir::json_parser<no_field> parser;
  for (std::string_view rest = text; !rest.empty();) {
    std::size_t const end = rest.find('\n');
    std::string const line(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    int open = 0, depth = 0;
    for (char c : line)
      if (c == '{' || c == '[')
        depth = std::max(depth, ++open);
      else if (c == '}' || c == ']')
        --open;
    if (is_blank(line) || depth >= 60 || line.find("never") != line.npos || line.find('\\') != line.npos ||
        has_large_number(line))
      continue;
    no_field value;
    char const* at = line.data();
    bool const ours = parser.next(at, line.data() + line.size(), true, value) == weir::parse_status::record;
    weir_fuzz::require(ours == simdjson_accepts_object(line), "weir and simdjson agree", line);
  }
}
#else
void agree(std::string_view) {}
#endif

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  weir_fuzz::bytes in(data, size);
  std::uint8_t const how = in.byte();
  weir::time_form form;
  if ((how & 1) != 0) form = weir::epoch_unit::milliseconds;
  switch (how >> 1 & 3) {
    case 0:
      check<no_field>(in.rest(), form);
      agree(in.rest());
      break;
    case 1:
      check<inner>(in.rest(), form);
      break;
    default:
      check<all_kinds>(in.rest(), form);
  }
  return 0;
}
