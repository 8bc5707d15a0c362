// CSV: the first byte chooses the options, the others are the file.
#include "reading.hpp"

#include <weir/format/csv.hpp>
#include <weir/format/csv_writer.hpp>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

enum class csv_color : std::uint8_t { red, green, blue };
template <>
struct weir::enum_names<csv_color> {
  static constexpr std::string_view values[] = {"red", "green", "dark,blue"};
};

namespace {

struct all_kinds {
  std::string_view s;
  std::int32_t n;
  std::optional<double> d;
  std::optional<weir::decimal<2>> money;
  std::optional<weir::timestamp> at;
  std::optional<csv_color> color;
  std::optional<char> letter;
  std::optional<std::uint64_t> u;
  std::optional<float> f;
  std::optional<bool> yes;
};
struct one_text {
  std::string s;
};
struct one_number {
  std::optional<std::int8_t> n;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(all_kinds, s, n, d, money, at, color, letter, u, f, yes);
BOOST_HANA_ADAPT_STRUCT(one_text, s);
BOOST_HANA_ADAPT_STRUCT(one_number, n);

namespace {

// Not a number is one for us: its sign and payload are not kept.
template <class T>
std::string written(weir::csv_writer<T> const& writer, T const& value) {
  weir::text_buffer out;
  writer.row(out, value);
  return std::string(out.view());
}

template <class T>
void check(std::string_view text, weir::csv_options options) {
  weir::csv_writer<T> const writer(options);
  auto const show = [&](T const& value) { return written(writer, value); };
  weir::csv_parser<T> const parser(options);
  if (options.max_record_bytes < 100) {
    // A line that is too long is given up where its chunk ends: its rest is the business of text_reader.
    weir_fuzz::read_in_chunks<T>(parser, text, text.size() + 1, show);
    weir_fuzz::read_in_chunks<T>(parser, text, text.size() / 3 + 1, show);
    return;
  }
  auto const whole = weir_fuzz::read_all<T>(parser, text, show);
  if (whole.header)
    weir_fuzz::require(whole.lines == weir::detail::count_lines(text.data(), text.data() + text.size()) ||
                           (whole.lines == 0 && whole.all.empty()),
                       "records, malformed ones and blank lines are all lines");
  if (!whole.header) return;

  // What was read, written and read again is the same.
  weir::text_buffer head;
  writer.header(head);
  std::string file(head.view()), rows, rows_again;
  std::size_t good = 0;
  for (auto const& one : whole.all)
    if (one.good) rows += one.value, ++good;
  file += rows;
  auto const again = weir_fuzz::read_in_chunks<T>(parser, file, file.size() + 1, show);

  for (auto const& one : again.all) {
    weir_fuzz::require(one.good, "what was written can be read", one.value);
    rows_again += one.value;
  }
  weir_fuzz::require(again.header && again.all.size() == good, "as many records as were written", file);
  weir_fuzz::require(rows == rows_again, "what was written is read as the same", rows + "|" + rows_again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  weir_fuzz::bytes in(data, size);
  std::uint8_t const how = in.byte();
  weir::csv_options options;
  options.header = (how & 1) != 0;
  options.separator = ",;\t|"[how >> 1 & 3];
  if ((how & 8) != 0) options.time = weir::epoch_unit::milliseconds;
  if ((how & 64) == 0) options.max_record_bytes = 24;
  switch (how >> 4 & 3) {
    case 0:
      return check<one_text>(in.rest(), options), 0;
    case 1:
      return check<one_number>(in.rest(), options), 0;
    default:
      return check<all_kinds>(in.rest(), options), 0;
  }
}
