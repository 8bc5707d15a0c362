// json_lines_file: a file with a JSON text on each line, to read from and to write to.
#pragma once

#include <weir/connector/file_list.hpp>
#include <weir/connector/staged_file.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/sink.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/format/time_text.hpp>

#include <string>

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

// As a sink, into(json_lines_file{"alerts.jsonl"}): each record is a line as write_json writes it, rows and structs as
// objects. Staged: under exactly_once the file holds nothing but committed records, at any time. A file that is there
// when the state is new is refused, unless overwrite. (With designated initialisers: json_lines_file<>{.path = "a"}.)
template <class T = void>
struct json_lines_file;

template <>
struct json_lines_file<void> {
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::has_json_form<V>;
  template <class V>
  using writer = detail::json_lines_writer<V>;

  file_list path;
  time_form time{};  // the unit of timestamps as numbers; ISO 8601 strings without one
  bool overwrite = false;
};

json_lines_file(file_list) -> json_lines_file<void>;
json_lines_file(file_list, time_form) -> json_lines_file<void>;
json_lines_file(file_list, time_form, bool) -> json_lines_file<void>;

}  // namespace weir
