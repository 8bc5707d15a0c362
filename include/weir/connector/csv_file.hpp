#pragma once

#include <weir/connector/file_list.hpp>
#include <weir/connector/staged_file.hpp>
#include <weir/connector/text_reader.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/source.hpp>
#include <weir/format/csv.hpp>
#include <weir/format/csv_writer.hpp>
#include <weir/format/text_fields.hpp>
#include <weir/format/time_text.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace weir {
namespace detail {

template <class Noun>
csv_options csv_options_of(Noun const& noun) {
  return {.separator = noun.separator, .header = noun.header, .time = noun.time};
}

// The line that a file begins with.
template <class T>
std::string csv_header(csv_options const& options) {
  text_buffer line;
  csv_writer<T>(options).header(line);
  return std::string(line.view());
}

template <class T>
struct csv_file_writer : staged_writer<T, csv_writer<T>> {
  template <class Noun>
  csv_file_writer(Noun const& noun, sink_context const& context)
      : staged_writer<T, csv_writer<T>>(
            csv_writer<T>(csv_options_of(noun)),
            {"csv_file", noun.path, noun.overwrite, csv_header<T>(csv_options_of(noun)), true}, context) {}
};

}  // namespace detail

// Files of comma separated values, as RFC 4180 has them, to read from and to write to.
//
// from(csv_file<payment>{"payments.csv"}): T is a struct with a schema; its fields are found by the names in the header.
// Several files are parts that are read beside each other, each with a position and a watermark of its own. With
// `follow` a file may grow while it is read, and the source never ends. A file that was cut, replaced or changed before
// the saved position is refused on restart; malformed records fail the run unless from() says otherwise.
//
// into(csv_file{"totals.csv"}): a header line, then a line for each record. Staged: under exactly_once the file holds
// nothing but committed records, at any time. A file that is there when the state is new is refused, unless `overwrite`.
// (With designated initialisers a sink is csv_file<>{.path = "totals.csv"}.)
template <class T = void>
struct csv_file {
  using value_type = T;
  static constexpr bool replayable = true;
  static constexpr bool readable = detail::fields_are_text<T>();
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::fields_are_text<V>();
  template <class V>
  using writer = detail::csv_file_writer<V>;

  file_list path;  // one, or for a source several
  char separator = ',';
  bool header = true;      // the first line names the columns; without one they are the fields, in order
  time_form time{};        // the unit of timestamps written as numbers; ISO 8601 without one
  bool follow = false;     // source: more is waited for at the end of the file
  bool overwrite = false;  // sink: an existing file is emptied

  class reader : public detail::text_reader<T, csv_parser<T>> {
   public:
    WEIR_COLD reader(csv_file const& noun, source_context const& context)
        : detail::text_reader<T, csv_parser<T>>("csv_file", noun.path, noun.follow,
                                                csv_parser<T>(detail::csv_options_of(noun)), context) {}
  };
};

template <>
struct csv_file<void> {
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::fields_are_text<V>();
  template <class V>
  using writer = detail::csv_file_writer<V>;

  file_list path;
  char separator = ',';
  bool header = true;
  time_form time{};
  bool overwrite = false;
};

csv_file(file_list) -> csv_file<void>;

}  // namespace weir
