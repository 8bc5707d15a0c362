#pragma once

#include <weir/connector/bucket.hpp>
#include <weir/connector/json_lines_file.hpp>
#include <weir/connector/part_writer.hpp>
#include <weir/connector/rolling_policy.hpp>
#include <weir/core/sink.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/format/time_text.hpp>

#include <cstddef>
#include <string>

namespace weir {
namespace detail {

template <class T, class Bucket>
struct json_lines_directory_writer : part_writer<T, json_writer<T>, Bucket> {
  template <class Noun>
  json_lines_directory_writer(Noun const& noun, sink_context const& context)
      : part_writer<T, json_writer<T>, Bucket>("json_lines_directory", noun, json_writer<T>(noun.time),
                                               ".jsonl", "", context) {}
};

}  // namespace detail

// A sink that writes a directory of files part-<uid>-<number>.jsonl, with a JSON text on each line as json_lines_file
// has them. What csv_directory says of its files is true of these.
template <class Bucket = one_bucket>
struct json_lines_directory {
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::has_json_form<V> && Bucket::template accepts<V>;
  template <class V>
  using writer = detail::json_lines_directory_writer<V, Bucket>;

  std::string path;
  Bucket bucket{};
  rolling_policy rolling{};
  time_form time{};  // the unit of timestamps that are numbers; ISO 8601 strings without one
  bool overwrite = false;
  std::size_t open_files = 64;  // of the buckets; the others are closed, and opened again for their next record
  processing_clock clock{};     // the system's clock without one
};

json_lines_directory(std::string) -> json_lines_directory<one_bucket>;
template <class Bucket>
json_lines_directory(std::string, Bucket) -> json_lines_directory<Bucket>;
template <class Bucket>
json_lines_directory(std::string, Bucket, rolling_policy) -> json_lines_directory<Bucket>;

}  // namespace weir
