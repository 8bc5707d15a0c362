// postgres_connection: one connection to a PostgreSQL server, made again when it is lost.
#pragma once

#include <weir/config.hpp>
#include <weir/core/retries.hpp>
#include <weir/core/retry_context.hpp>
#include <weir/core/try_again.hpp>
#include <weir/error.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// The server is away, or says that trying again may help.
class postgres_lost : public connector_error {
 public:
  using connector_error::connector_error;
};

// What a statement gave.
class postgres_result {
 public:
  postgres_result() = default;
  explicit postgres_result(::PGresult* result) : result_(result, &::PQclear) {}

  ::PGresult* get() const { return result_.get(); }
  int rows() const { return ::PQntuples(get()); }
  bool null(int row, int column) const { return ::PQgetisnull(get(), row, column) != 0; }
  std::string_view text(int row, int column) const {
    return {::PQgetvalue(get(), row, column), static_cast<std::size_t>(::PQgetlength(get(), row, column))};
  }
  bool is_true(int row, int column) const { return text(row, column) == "t"; }
  std::string_view state() const {
    char const* const code = ::PQresultErrorField(get(), PG_DIAG_SQLSTATE);
    return code != nullptr ? code : "";
  }

 private:
  std::unique_ptr<::PGresult, void (*)(::PGresult*)> result_{nullptr, &::PQclear};
};

// What libpq says, in one line.
inline std::string postgres_words(char const* said) {
  std::string text = said != nullptr ? said : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos;) text.replace(at, 1, "; ");
  return text;
}

struct postgres_server {
  std::string connection;           // what libpq takes: "host=... dbname=..." or a postgresql:// address
  std::chrono::milliseconds retry;  // how long a server that is away is tried again
  std::chrono::milliseconds reply;  // how long an answer may take
  std::string uid{};                // of the source or the sink
  retry_context* log = nullptr;     // who wants to know of each try
};

template <class Context>
postgres_server server_for(Context const& context, postgres_server server) {
  server.uid = context.uid;
  server.log = context.retried;
  return server;
}

class postgres_connection {
 public:
  using clock = std::chrono::steady_clock;

  // Does not connect. Errors: config_error where libpq cannot read the text.
  postgres_connection(std::string who, postgres_server server)
      : who_(std::move(who)), server_(std::move(server)) {
    char* said = nullptr;
    auto* const options = ::PQconninfoParse(server_.connection.c_str(), &said);
    std::string const why = postgres_words(said);
    ::PQfreemem(said);
    ::PQconninfoFree(options);
    if (options == nullptr)
      throw config_error(who_ + ": the connection text cannot be read: " + why +
                         "; write it as \"host=... port=... dbname=... user=...\"");
  }

  std::string const& who() const { return who_; }
  // How often a session has been begun: what belongs to one is gone with it.
  std::size_t session() const { return sessions_; }
  void close() { connection_.reset(); }

  // f(), again after a pause while the server is away; the pauses grow, and differ by chance. f must be safe to repeat.
  // Errors: connector_error once `retry` has passed or the run is to stop, and whatever the server finds wrong.
  template <class F>
  auto with_retries(F const& f) {
    for (retry_budget budget({.for_at_most = server_.retry});;) {
      try {
        return once(f);
      } catch (postgres_lost const& e) {
        if (!try_again(budget, server_.log, server_.uid, e.what())) give_up(e, budget);
      }
    }
  }
  // The same without another try.
  template <class F>
  auto once(F const& f) {
    try {
      open();
      return f();
    } catch (...) {
      close();  // with whatever transaction was open
      throw;
    }
  }
  void tell(retry_budget const& budget, std::chrono::nanoseconds pause, postgres_lost const& e) const {
    if (server_.log != nullptr) server_.log->add(server_.uid, budget.tries(), pause, e.what());
  }
  [[noreturn]] WEIR_COLD void give_up(postgres_lost const& e, retry_budget const& budget) const {
    bool const stopping = server_.log != nullptr && server_.log->stopping();
    throw connector_error(
        std::string(e.what()) + "; tried " + std::to_string(budget.tries()) + " times in " +
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(budget.spent()).count()) +
        " ms; " +
        (stopping
             ? "the run is to stop and waits no longer; run again once the server can be reached"
             : "see that the server runs and can be reached, then run again, or give .retry_for more time"));
  }

  // One statement; $1, $2, ... are the values, as text.
  postgres_result run(std::string const& sql, std::initializer_list<std::string> values = {}) {
    std::vector<char const*> pointers;
    for (std::string const& v : values) pointers.push_back(v.c_str());
    int const sent = ::PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(pointers.size()),
                                         nullptr, pointers.data(), nullptr, nullptr, 0);
    if (sent == 0) lost("send a statement");
    return finish(sql);
  }
  // COPY ... FROM STDIN; source(put) calls put(piece) for all bytes.
  template <class Source>
  void copy(std::string const& sql, Source const& source) {
    if (::PQsendQuery(connection_.get(), sql.c_str()) == 0) lost("send a statement");
    await();
    postgres_result const begun(::PQgetResult(connection_.get()));
    if (::PQresultStatus(begun.get()) != PGRES_COPY_IN) refuse(begun, sql);
    source([this](std::string_view piece) {
      if (::PQputCopyData(connection_.get(), piece.data(), static_cast<int>(piece.size())) != 1)
        lost("send records");
    });
    if (::PQputCopyEnd(connection_.get(), nullptr) != 1) lost("send records");
    finish(sql);
  }
  // A name as it must stand in SQL; a dot stands between the schema and the table.
  std::string quoted(std::string_view name, bool dotted = false) const {
    std::string text = "\"";
    for (char c : name)
      if (c == '.' && dotted)
        text += "\".\"";
      else
        text.append(c == '"' ? 2 : 1, c);
    return text + '"';
  }
  std::string name_of_database() const { return ::PQdb(connection_.get()); }

 private:
  void open() {
    if (connection_ && ::PQstatus(connection_.get()) == CONNECTION_OK) return;
    // What the text says comes last and counts.
    char const* const names[] = {"connect_timeout", "tcp_user_timeout", "application_name", "dbname", nullptr};
    char const* const values[] = {"10", "30000", "weir", server_.connection.c_str(), nullptr};
    connection_.reset(::PQconnectdbParams(names, values, 1));
    if (!connection_) throw connector_error(who_ + ": no memory for a connection");
    if (::PQstatus(connection_.get()) != CONNECTION_OK) {
      std::string const text = "cannot connect: " + postgres_words(::PQerrorMessage(connection_.get()));
      for (char const* final : {"authentication", "does not exist", "pg_hba.conf", "password"})
        if (text.find(final) != text.npos)
          throw connector_error(who_ + ": " + text + "; look at the connection text and the server's settings");
      throw postgres_lost(who_ + ": " + text);
    }
    ::PQsetNoticeProcessor(
        connection_.get(), [](void*, char const*) {}, nullptr);
    ++sessions_;
    run("SELECT set_config('client_encoding', 'UTF8', false), set_config('TimeZone', 'UTC', false),"
        " set_config('DateStyle', 'ISO', false), set_config('extra_float_digits', '1', false),"
        " set_config('standard_conforming_strings', 'on', false), set_config('default_transaction_read_only', "
        "'off', false),"
        // What has been published must not be lost with the server.
        " CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', "
        "false) END");
  }
  // Waits until an answer is there.
  void await() {
    clock::time_point const until = clock::now() + server_.reply;
    while (::PQisBusy(connection_.get()) != 0) {
      ::pollfd p{::PQsocket(connection_.get()), POLLIN, 0};
      auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
      int const ready = left <= 0 ? 0 : ::poll(&p, 1, static_cast<int>(std::min<long long>(left, 60'000)));
      if (ready == 0 && clock::now() >= until)
        throw postgres_lost(who_ + ": no answer from the server after " +
                            std::to_string(server_.reply.count()) + " ms (.reply_timeout)");
      if (ready < 0 && errno != EINTR) lost("wait for an answer");
      if (ready > 0 && ::PQconsumeInput(connection_.get()) == 0) lost("read an answer");
    }
  }
  postgres_result finish(std::string const& sql) {
    postgres_result last;
    for (;;) {
      await();
      postgres_result next(::PQgetResult(connection_.get()));
      if (next.get() == nullptr) break;
      last = std::move(next);
      auto const status = ::PQresultStatus(last.get());
      if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) refuse(last, sql);
    }
    if (last.get() == nullptr) lost("read an answer");
    return last;
  }
  [[noreturn]] WEIR_COLD void lost(char const* what) const {
    throw postgres_lost(who_ + ": the connection was lost (cannot " + what +
                        "): " + postgres_words(::PQerrorMessage(connection_.get())));
  }
  [[noreturn]] WEIR_COLD void refuse(postgres_result const& said, std::string const& sql) const {
    std::string_view const state = said.state();
    std::string const words = postgres_words(said.get() != nullptr ? ::PQresultErrorMessage(said.get())
                                                                   : ::PQerrorMessage(connection_.get()));
    // Shutting down, out of something, a deadlock, a lock that was not to be had; 23505 and 42P07 of our own table: another
    // process has just made it.
    bool const again = ::PQstatus(connection_.get()) != CONNECTION_OK || state.starts_with("08") ||
                       state.starts_with("57P") || state.starts_with("53") || state.starts_with("40") ||
                       state == "55P03" ||
                       (sql.starts_with("CREATE TABLE IF NOT") && state.starts_with("23")) ||
                       (sql.starts_with("CREATE TABLE IF NOT") && state == "42P07");
    if (again) throw postgres_lost(who_ + ": " + words);
    throw connector_error(who_ + ": the server refuses \"" + sql.substr(0, 200) + "\": " + words +
                          (state.empty() ? "" : " (SQLSTATE " + std::string(state) + ")"));
  }

  std::string who_;
  postgres_server server_;
  std::unique_ptr<::PGconn, void (*)(::PGconn*)> connection_{nullptr, &::PQfinish};
  std::size_t sessions_ = 0;
};

}  // namespace weir::detail
