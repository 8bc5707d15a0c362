// postgres_table: a table of a PostgreSQL server (14 or later), to write to and to read from. Needs libpq; the CMake target is
// weir::postgres.
#pragma once

#include <weir/connector/postgres_reader.hpp>
#include <weir/connector/postgres_text.hpp>
#include <weir/connector/postgres_writer.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/source.hpp>
#include <weir/format/text_fields.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace weir {
namespace detail {

template <class Noun>
postgres_server server_of(Noun const& noun) {
  return {.connection = noun.connection, .retry = noun.retry_for, .reply = noun.reply_timeout};
}
template <class T>
struct postgres_table_writer : postgres_writer<T> {
  template <class Noun>
  postgres_table_writer(Noun const& noun, sink_context const& context)
      : postgres_writer<T>({server_of(noun), noun.table, {}, noun.key, noun.job, noun.epochs, noun.take_over},
                           context) {}
};

}  // namespace detail

// A table. Columns are found by the names of the fields; both are structs with a schema, or rows. Numbers, bool, text,
// timestamps (timestamptz), durations (whole numbers), decimals (numeric), enumerations, and std::optional of these (NULL).
//
// into(postgres_table<>{.connection = "dbname=shop", .table = "alerts"}): each record becomes a row; with `key` it replaces the
// row of its key, which needs a unique index. Fenced: under exactly_once the records of an epoch lie in the commit, or in a
// file beside it, until one transaction of the server has put them into the table and written the epoch into the table
// `epochs`; a state that is older than that row, or a second one of the same `job`, is refused. Under at_least_once records
// are written every 50 ms and with each checkpoint.
//
// from(postgres_table<payment>{.connection = "dbname=shop", .table = "payments"}): the rows in the order of their key (`key`,
// or the primary key): one whole number that only grows, taken by each INSERT itself, as a sequence gives it. A row whose
// transaction is slow is not left out: rows are read once every transaction that was running when they were seen has ended. So
// one that is left open holds the source up. Changes of rows that were read are not seen. Ends with what was there when it
// first looked; with `follow` it never does.
//
// Errors: connector_error where the server is away for longer than `retry_for`, where a table or column is missing or cannot
// hold the field (told before anything runs), and where a record has text that is not UTF-8 or has a NUL; restore_error where the
// row of the epochs is not the state's; format_error where a row does not fit the struct, unless from() says otherwise.
// Source: Kleppmann, "Designing Data-Intensive Applications", fencing tokens; Flink's two-phase commit sinks.
template <class T = void>
struct postgres_table {
  using value_type = T;
  static constexpr bool replayable = true;
  static constexpr bool readable = detail::fields_are_text<T>();
  using refuses = record_refused;
  static constexpr delivery guarantee = delivery::fenced;
  template <class V>
  static constexpr bool accepts = detail::fields_are_text<V>();
  template <class V>
  using writer = detail::postgres_table_writer<V>;

  std::string
      connection;  // "host=... port=... dbname=...", or postgresql://...; what is not there comes from PGHOST, ...
  std::string table;  // a dot stands between the schema and the name
  std::vector<std::string> key{};
  bool follow = false;                      // source: waits for more rows
  std::chrono::milliseconds interval{100};  // source: how often it looks for them
  std::size_t chunk = 4096;                 // source: rows that are asked for at once
  std::chrono::milliseconds retry_for{30'000};
  std::chrono::milliseconds reply_timeout{60'000};  // how long one statement may take
  std::string job = "weir";                         // sink: with its uid, whose row it is in `epochs`
  std::string epochs = "weir_epochs";               // sink: made where it is missing
  bool take_over = false;                           // sink: a new state may write behind an older one

  class reader : public detail::postgres_reader<T> {
   public:
    reader(postgres_table const& noun, source_context const& context)
        : detail::postgres_reader<T>(
              {detail::server_of(noun), noun.table, noun.key, noun.follow, noun.interval, noun.chunk},
              context) {}
  };
};

template <>
struct postgres_table<void> {
  static constexpr delivery guarantee = delivery::fenced;
  using refuses = record_refused;
  template <class V>
  static constexpr bool accepts = detail::fields_are_text<V>();
  template <class V>
  using writer = detail::postgres_table_writer<V>;

  std::string connection;
  std::string table;
  std::vector<std::string> key{};
  std::chrono::milliseconds retry_for{30'000};
  std::chrono::milliseconds reply_timeout{60'000};
  std::string job = "weir";
  std::string epochs = "weir_epochs";
  bool take_over = false;
};

}  // namespace weir
