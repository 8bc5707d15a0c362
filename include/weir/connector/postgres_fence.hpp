// postgres_fence: the row in which a database remembers the last epoch of a sink that it has.
#pragma once

#include <weir/connector/postgres_connection.hpp>
#include <weir/connector/segment_spool.hpp>
#include <weir/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// What the commit holds: enough to apply the segment again, and to know whether it has been.
struct postgres_commitment {
  std::string job;
  std::string table;
  std::string owner;        // the state that writes: a name that no other one has
  std::uint64_t epoch = 0;  // 0: a claim
  std::uint64_t after = 0;  // the last epoch with records before it
  std::uint64_t segment =
      0;                   // a random number: another state that has this epoch, too, has other records in it
  spooled_segment rows{};  // as COPY takes them
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.job, r.table, r.owner, r.epoch, r.after, r.segment, r.rows);
  }
};

class postgres_fence {
 public:
  // `epochs` is the table of the rows.
  postgres_fence(postgres_connection& server, std::string const& epochs, std::string_view sink)
      : server_(server), epochs_(epochs), table_(server.quoted(epochs, true)), sink_(sink) {}

  struct row {
    std::string owner;
    std::uint64_t epoch = 0, segment = 0;
  };

  void make_table() {
    if (!server_.run("SELECT to_regclass($1)", {table_}).null(0, 0)) return;
    server_.run("CREATE TABLE IF NOT EXISTS " + table_ +
                " (job text, sink text, owner text NOT NULL, epoch bigint NOT NULL, segment bigint NOT NULL,"
                " target text NOT NULL, changed timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (job, sink))");
  }
  // lock: nobody else changes it until the transaction ends.
  std::optional<row> read(std::string const& job, bool lock) {
    postgres_result const found = server_.run("SELECT owner, epoch, segment FROM " + table_ +
                                                  " WHERE job = $1 AND sink = $2" + (lock ? " FOR UPDATE" : ""),
                                              {job, sink_});
    if (found.rows() == 0) return std::nullopt;
    return row{std::string(found.text(0, 0)), number(found.text(0, 1)), number(found.text(0, 2))};
  }
  // A new row, or the one that is there, with this owner and epoch.
  void write(postgres_commitment const& said, std::uint64_t epoch) {
    server_.run("INSERT INTO " + table_ +
                    " (job, sink, owner, epoch, segment, target) VALUES ($1, $2, $3, $4, $5, $6)"
                    " ON CONFLICT (job, sink) DO UPDATE SET owner = EXCLUDED.owner, epoch = EXCLUDED.epoch,"
                    " segment = EXCLUDED.segment, target = EXCLUDED.target, changed = now()",
                {said.job, sink_, said.owner, std::to_string(epoch), std::to_string(said.segment), said.table});
  }
  // Whether the segment has been applied already.
  // Errors: restore_error where the row is not what the state says: then it is not for this state to write.
  bool applied(postgres_commitment const& said, std::optional<row> const& is) const {
    if (!is)
      throw restore_error(server_.who() + ": " + epochs_ + " has no row for job \"" + said.job +
                          "\", though the state has written here up to epoch " + std::to_string(said.after) +
                          "; connect to the database that it wrote to, or start anew with an empty state "
                          "directory and an empty table");
    if (is->owner != said.owner) throw taken(said.job, *is);
    if (said.rows.length != 0 && is->epoch == said.epoch && is->segment == said.segment) return true;
    if (is->epoch != said.after || (said.rows.length != 0 && is->epoch >= said.epoch))
      throw restore_error(server_.who() + ": the database has epoch " + std::to_string(is->epoch) +
                          " of job \"" + said.job + "\", and the state here went up to " +
                          std::to_string(said.after) +
                          ": another process has gone on from a copy of this state, or the state is older than "
                          "the database; nothing has been written: go on with the state directory that wrote "
                          "last, or take the rows back and set the row in " +
                          epochs_);
    return false;
  }
  restore_error taken(std::string const& job, row const& is) const {
    return restore_error(server_.who() + ": the row of job \"" + job + "\" in " + epochs_ +
                         " belongs to another state (" + is.owner + ", epoch " + std::to_string(is.epoch) +
                         "); go on with that state directory, give this job a .job name of its own, or set "
                         ".take_over = true to let a new state write behind what is there");
  }

 private:
  static std::uint64_t number(std::string_view text) {
    std::uint64_t n = 0;
    for (char c : text) n = n * 10 + static_cast<std::uint64_t>(c - '0');
    return n;
  }

  postgres_connection& server_;
  std::string epochs_, table_, sink_;
};

}  // namespace weir::detail
