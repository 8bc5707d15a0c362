#pragma once

#include <weir/connector/bucket.hpp>
#include <weir/connector/csv_file.hpp>
#include <weir/connector/part_writer.hpp>
#include <weir/connector/rolling_policy.hpp>
#include <weir/core/sink.hpp>
#include <weir/format/csv_writer.hpp>
#include <weir/format/text_fields.hpp>
#include <weir/format/time_text.hpp>

#include <cstddef>
#include <string>

namespace weir {
namespace detail {

template <class T, class Bucket>
struct csv_directory_writer : part_writer<T, csv_writer<T>, Bucket> {
  template <class Noun>
  csv_directory_writer(Noun const& noun, sink_context const& context)
      : part_writer<T, csv_writer<T>, Bucket>("csv_directory", noun, csv_writer<T>(csv_options_of(noun)),
                                              ".csv", csv_header<T>(csv_options_of(noun)), context) {}
};

}  // namespace detail

// A sink that writes a directory of CSV files, each with a header line: into(csv_directory{"orders"}),
// into(csv_directory{"orders", bucket_by(&order::country), rolling_policy{.size = 1 << 20}}).
//
// A file is written as <path>/<bucket>/.part-<uid>-<number>.csv.inprogress. Once it is rolled (rolling_policy) it is pending,
// and once the checkpoint that knows of it is committed it is finished: its name becomes part-<uid>-<number>.csv, and it does
// not change any more. So under exactly_once what has a final name is committed, whole, and there once; finished files may
// be read, moved and removed at any time. A file that is not rolled goes on over checkpoints and restarts. At at_least_once,
// and without checkpoints, files are finished as they roll.
//
// When the state is new and this sink's files are there, they are refused, or with `overwrite` removed; other files in the
// directory are left alone. From a savepoint the job may write to another directory: what was in progress is copied there.
// (With designated initialisers a sink without buckets is csv_directory<>{.path = "orders"}.)
template <class Bucket = one_bucket>
struct csv_directory {
  static constexpr delivery guarantee = delivery::staged;
  template <class V>
  static constexpr bool accepts = detail::fields_are_text<V>() && Bucket::template accepts<V>;
  template <class V>
  using writer = detail::csv_directory_writer<V, Bucket>;

  std::string path;
  Bucket bucket{};
  rolling_policy rolling{};
  char separator = ',';
  bool header = true;
  time_form time{};  // the unit of timestamps written as numbers; ISO 8601 without one
  bool overwrite = false;
  std::size_t open_files = 64;  // of the buckets; the others are closed, and opened again for their next record
  processing_clock clock{};     // the system's clock without one
};

csv_directory(std::string) -> csv_directory<one_bucket>;
template <class Bucket>
csv_directory(std::string, Bucket) -> csv_directory<Bucket>;
template <class Bucket>
csv_directory(std::string, Bucket, rolling_policy) -> csv_directory<Bucket>;

}  // namespace weir
