// postgres_writer: the running side of a table that records go to.
#pragma once

#include <weir/checkpoint/commitment.hpp>
#include <weir/connector/os_file.hpp>
#include <weir/connector/postgres_connection.hpp>
#include <weir/connector/postgres_fence.hpp>
#include <weir/connector/postgres_table_facts.hpp>
#include <weir/connector/postgres_text.hpp>
#include <weir/connector/segment_spool.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/sink.hpp>
#include <weir/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

struct postgres_target {
  postgres_server server;
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::string> key;
  std::string job;
  std::string epochs;
  bool take_over = false;
};

// Puts lines of COPY into the table. Of the thread of the records until the first segment is closed, then, under
// exactly_once, of the thread that commits.
class postgres_applier {
 public:
  postgres_applier(std::string const& who, postgres_target target, std::string_view sink)
      : target_(std::move(target)), server_(who, target_.server), fence_(server_, target_.epochs, sink) {}

  postgres_connection& server() { return server_; }
  postgres_fence& fence() { return fence_; }
  postgres_target const& target() const { return target_; }

  // Lines of records, without a fence.
  void put(std::string_view lines) {
    server_.with_retries([&] {
      server_.run("BEGIN");
      insert([&](auto const& piece) { piece(lines); });
      server_.run("COMMIT");
    });
  }
  // The segment, once: in one transaction with the row that says so. Whether a lost COMMIT was carried out is what the row says.
  void apply(postgres_commitment const& said, std::string const& folder) {
    server_.with_retries([&] {
      server_.run("BEGIN ISOLATION LEVEL READ COMMITTED");
      if (fence_.applied(said, fence_.read(said.job, true)) || said.rows.length == 0) {
        server_.run("ROLLBACK");
        return;
      }
      insert([&](auto const& piece) { read_segment(server_.who(), said.rows, folder, said.epoch, piece); });
      fence_.write(said, said.epoch);
      server_.run("COMMIT");
    });
  }
  // Errors: connector_error where what insert does would be refused: no right to it, no unique index on the key.
  void check_insert() {
    if (target_.key.empty())
      server_.run("EXPLAIN INSERT INTO " + table() + " (" + list("") + ") SELECT " + list("") + " FROM " +
                  table());
    else
      server_.run("EXPLAIN " + upsert(table(), ""));
  }

 private:
  std::string table() const { return server_.quoted(target_.table, true); }
  std::string list(std::string const& before, bool keys = false) const {
    std::string text;
    for (std::string const& c : keys ? target_.key : target_.columns)
      text += (text.empty() ? "" : ", ") + before + server_.quoted(c);
    return text;
  }
  // Of several records of one key the last one counts.
  std::string upsert(std::string const& from, std::string const& order) const {
    std::string sets;
    for (std::string const& c : target_.columns)
      if (std::ranges::find(target_.key, c) == target_.key.end())
        sets += (sets.empty() ? "" : ", ") + server_.quoted(c) + " = EXCLUDED." + server_.quoted(c);
    return "INSERT INTO " + table() + " (" + list("") + ") SELECT DISTINCT ON (" + list("", true) + ") " +
           list("") + " FROM " + from + " ORDER BY " + list("", true) + order + " ON CONFLICT (" +
           list("", true) + ") DO " + (sets.empty() ? "NOTHING" : "UPDATE SET " + sets);
  }
  template <class Pieces>
  void insert(Pieces const& pieces) {
    auto const copy = [&](std::string const& to) {
      server_.copy("COPY " + to + " (" + list("") + ") FROM STDIN",
                   [&](auto const& put) { pieces([&](std::string_view piece) { put(piece); }); });
    };
    if (target_.key.empty()) return copy(table());
    if (server_.run("SELECT to_regclass('pg_temp.weir_staging')").null(0, 0)) {
      server_.run("CREATE TEMP TABLE weir_staging ON COMMIT DELETE ROWS AS SELECT " + list("") + " FROM " +
                  table() + " WITH NO DATA");
      server_.run("ALTER TABLE pg_temp.weir_staging ADD COLUMN weir_order bigint GENERATED ALWAYS AS IDENTITY");
    }
    copy("pg_temp.weir_staging");
    server_.run(upsert("pg_temp.weir_staging", ", weir_order DESC"));
  }

  postgres_target target_;
  postgres_connection server_;
  postgres_fence fence_;
};

// T: the type of the records.
template <class T>
class postgres_writer : public record_writer<postgres_writer<T>, T> {
 public:
  static constexpr std::chrono::milliseconds linger{50};  // for how long records wait where nothing is fenced

  postgres_writer(postgres_target target, sink_context const& context)
      : who_(connector_name("postgres_table", "sink", context.uid)),
        fenced_(context.exactly_once),
        from_savepoint_(context.from_savepoint),
        applier_(
            std::make_shared<postgres_applier>(who_, with_columns(std::move(target), context), context.uid)),
        spool_(who_, spool_folder(context.state_directory, context.uid)) {}

  void flush() {
    if (fenced_ || spool_.buffer().empty()) return;
    if (std::chrono::steady_clock::now() - written_at_ >= linger) write();
  }
  void finish() {
    if (!fenced_) write();
  }

  void recover(std::optional<std::string_view> commitment, std::uint64_t epoch) {
    postgres_target const& target = applier_->target();
    if (!commitment) {
      spool_.recover(epoch, "");
      said_ = {.job = target.job, .table = target.table, .owner = random_identity()};
      return check();
    }
    said_ = read_commitment<postgres_commitment>(*commitment, who_);
    if (said_.table != target.table || said_.job != target.job)
      throw restore_error(who_ + ": the table is now " + target.table + " (job \"" + target.job +
                          "\"), and what is committed went to " + said_.table + " (job \"" + said_.job +
                          "\"); name these again, or start anew with an empty state directory");
    spool_.recover(epoch, said_.rows.spool);
    check();
    if (!fenced_) return;
    bool const again = !said_.rows.spool.empty() || said_.rows.length != 0;
    if (said_.epoch == 0)
      take();
    else if (!from_savepoint_ || !moved())
      applier_->apply(said_, spool_.folder());
    if (again) said_.after = said_.epoch;
    said_.rows = {};
  }
  std::optional<std::string> claim() const {
    if (!fenced_) return std::nullopt;
    return commitment_bytes(said_);
  }
  sink_segment close_segment(std::uint64_t epoch) {
    if (!fenced_) {
      write();
      said_.epoch = epoch;
      return {commitment_bytes(said_), [] {}, [] {}};
    }
    struct closed {
      closing_segment rows;
      postgres_commitment said;
    };
    auto const segment = std::make_shared<closed>(closed{spool_.close(epoch), said_});
    postgres_commitment& said = segment->said;
    said.epoch = epoch;
    said.segment = random_() >> 1;
    said.rows = std::move(segment->rows.said);
    said_.epoch = epoch;
    if (said.rows.length != 0) said_.after = epoch;
    auto const publish = [segment, to = applier_, folder = spool_.folder()] {
      if (segment->said.rows.length != 0) to->apply(segment->said, folder);
      segment->rows.forget_last();
    };
    return {commitment_bytes(said), [segment] { segment->rows.make_durable(); }, publish,
            commitment_bytes(said_)};
  }

 private:
  friend record_writer<postgres_writer<T>, T>;

  static postgres_target with_columns(postgres_target target, sink_context const& context) {
    target.server = server_for(context, std::move(target.server));
    for_each_index<T>([&](auto i) { target.columns.emplace_back(field_name<T, i()>()); });
    return target;
  }
  // The table is one that takes the records.
  void check() {
    applier_->server().with_retries([&] {
      check_takes<T>(applier_->server(), applier_->target().table, applier_->target().key);
      applier_->check_insert();
      if (fenced_) applier_->fence().make_table();
    });
    checked_ = true;
  }
  // The row of a state that has not committed anything yet.
  void take() {
    applier_->server().with_retries([&] {
      postgres_connection& server = applier_->server();
      server.run("BEGIN");
      auto const is = applier_->fence().read(said_.job, true);
      if (is && is->owner == said_.owner && is->epoch != 0) applier_->fence().applied(said_, is);
      if (is && is->owner != said_.owner && !applier_->target().take_over)
        throw applier_->fence().taken(said_.job, *is);
      applier_->fence().write(said_, 0);
      server.run("COMMIT");
    });
  }
  // From a savepoint: this is another database than the one of then. It begins with that epoch.
  bool moved() {
    return applier_->server().with_retries([&] {
      if (applier_->fence().read(said_.job, false)) return false;
      applier_->fence().write(said_, said_.after);
      return true;
    });
  }
  void write() {
    written_at_ = std::chrono::steady_clock::now();
    if (!checked_) check();
    if (spool_.buffer().empty()) return;
    applier_->put(spool_.buffer().view());
    spool_.buffer().clear();
  }
  void put(T const& value) {
    text_buffer& out = spool_.buffer();
    std::size_t const begin = out.size();
    for_each_index<T>([&](auto i) {
      if (i() != 0) out.append('\t');
      if (char const* const wrong = write_copy_field(out, weir::get_field<i()>(value))) [[unlikely]] {
        out.truncate(begin);
        refuse(field_name<T, i()>(), wrong);
      }
    });
    out.append('\n');
    if (fenced_)
      spool_.appended();
    else if (out.size() >= staged_block) [[unlikely]]
      write();
  }
  [[noreturn]] WEIR_COLD void refuse(std::string_view field, char const* wrong) const {
    throw record_refused(who_ + ": the table " + applier_->target().table + ": the field \"" +
                         std::string(field) + "\" of a record cannot be written: " + wrong +
                         "; clean the records, or filter such ones out, before the sink");
  }

  std::string who_;
  bool fenced_;
  bool from_savepoint_;
  bool checked_ = false;
  std::shared_ptr<postgres_applier> applier_;
  segment_spool spool_;
  postgres_commitment said_;  // as the next segment begins
  std::chrono::steady_clock::time_point written_at_{};
  std::mt19937_64 random_{(std::uint64_t{std::random_device{}()} << 32) ^ std::random_device{}()};
};

}  // namespace weir::detail
