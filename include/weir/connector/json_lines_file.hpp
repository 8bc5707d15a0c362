#pragma once

#include <weir/connector/file_list.hpp>
#include <weir/connector/staged_file.hpp>
#include <weir/connector/text_reader.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/source.hpp>
#include <weir/format/json.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/format/time_text.hpp>

namespace weir {
namespace detail {

template <class T>
concept has_json_form = has_schema<T> || text_value<T> || json_map<T> || json_array<T> || json_tuple<T> ||
                        json_variant<T> || is_optional<T>;

template <class T>
struct json_lines_writer : staged_writer<T, json_writer<T>> {
  template <class Noun>
  json_lines_writer(Noun const& noun, sink_context const& context)
      : staged_writer<T, json_writer<T>>(json_writer<T>(noun.time),
                                         {"json_lines_file", noun.path, noun.overwrite, ""}, context) {}
};

}  // namespace detail

// Files with a JSON text on each line, to read from and to write to.
//
// from(json_lines_file<payment>{"payments.jsonl"}): members are found by the names of the fields. Several files are parts
// that are read beside each other, each with a position and a watermark of its own. With `follow` a file may grow while it
// is read, and the source never ends. A file that was cut, replaced or changed before the saved position is refused on
// restart; malformed lines fail the run unless from() says otherwise.
//
// into(json_lines_file{"alerts.jsonl"}): each record is a line as write_json writes it, rows and structs as objects.
// Staged: under exactly_once the file holds nothing but committed records, at any time. A file that is there when the
// state is new is refused, unless `overwrite`. (With designated initialisers a sink is json_lines_file<>{.path = "a"}.)
template <class T = void>
struct json_lines_file {
  using value_type = T;
  static constexpr bool replayable = true;
  static constexpr bool readable = detail::has_json_form<T>;
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::has_json_form<V>;
  template <class V>
  using writer = detail::json_lines_writer<V>;

  file_list path;          // one, or for a source several
  time_form time{};        // the unit of timestamps that are numbers; ISO 8601 strings without one
  bool follow = false;     // source: more is waited for at the end of the file
  bool overwrite = false;  // sink: an existing file is emptied

  class reader : public detail::text_reader<T, json_parser<T>> {
   public:
    reader(json_lines_file const& noun, source_context const& context)
        : detail::text_reader<T, json_parser<T>>("json_lines_file", noun.path, noun.follow,
                                                 json_parser<T>(json_options{.time = noun.time}), context) {}
  };
};

template <>
struct json_lines_file<void> {
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::has_json_form<V>;
  template <class V>
  using writer = detail::json_lines_writer<V>;

  file_list path;
  time_form time{};
  bool overwrite = false;
};

json_lines_file(file_list) -> json_lines_file<void>;

}  // namespace weir
