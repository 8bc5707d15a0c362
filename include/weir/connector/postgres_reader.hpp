// postgres_reader: the running side of a table that records come from.
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/connector/postgres_connection.hpp>
#include <weir/connector/postgres_table_facts.hpp>
#include <weir/connector/postgres_text.hpp>
#include <weir/core/source.hpp>
#include <weir/error.hpp>
#include <weir/format/text.hpp>
#include <weir/state/codec.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weir::detail {

struct postgres_position {
  std::string table;
  std::string key;
  std::optional<std::int64_t> last;   // the key of the last row that was taken
  std::optional<std::int64_t> bound;  // the last one of those that are read together
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.table, r.key, r.last, r.bound);
  }
};

struct postgres_origin {
  postgres_server server;
  std::string table;
  std::vector<std::string> key;
  bool follow = false;
  std::chrono::milliseconds interval{};
  std::size_t chunk = 0;
};

// Rows by their key. A row with a lower key may become visible later: its transaction took the number and still runs. So the
// highest key that can be seen is only the bound of what is read next, and nothing is read before all transactions that ran
// when the bound was found, and all that may have inserted into the table, have ended.
template <class T>
class postgres_reader {
 public:
  using clock = std::chrono::steady_clock;

  postgres_reader(postgres_origin origin, source_context const& context)
      : origin_(std::move(origin)),
        context_(context),
        who_(connector_name("postgres_table", "source", context.uid)),
        server_(who_, server_for(context, origin_.server)) {
    if (origin_.chunk == 0) throw config_error(who_ + ": .chunk is zero rows; give a positive number");
    server_.with_retries([&] { check(); });
  }

  static constexpr std::size_t splits() { return 1; }
  std::span<T const> poll(std::size_t, std::size_t max, clock::time_point deadline) {
    for (;;) {
      if (first_ < batch_.size() || ended_)
        return {batch_.data() + first_, std::min(max, batch_.size() - first_)};
      clock::time_point const now = clock::now();
      if (now >= look_at_)
        step(now);
      else if (now >= deadline)
        return {};
      else
        std::this_thread::sleep_until(std::min(look_at_, deadline));
    }
  }
  void consume(std::size_t, std::size_t n) {
    if (n == 0) return;
    first_ += n;
    last_ = keys_[first_ - 1];
    if (first_ == batch_.size()) last_ = fetched_;
    give_malformed();
  }
  bool ended(std::size_t) const { return ended_ && first_ == batch_.size(); }

  void save(std::string& out) const { encode(postgres_position{origin_.table, key_, last_, bound_}, out); }
  void restore(std::string_view bytes) {
    postgres_position saved;
    decode(bytes, saved);
    if (saved.table != origin_.table || saved.key != key_)
      throw restore_error(who_ + ": the table is now " + origin_.table + " (key " + key_ +
                          "), and what was read before is " + saved.table + " (key " + saved.key +
                          "); name these again, or start anew with an empty state directory");
    last_ = fetched_ = saved.last;
    bound_ = saved.bound;
    if (bound_ && last_ && *last_ >= *bound_) finish_bound();
    if (!last_) return;
    auto const highest = server_.with_retries([&] { return find_highest(); });
    running_.clear();
    if (highest && *highest < *last_)
      throw restore_error(who_ + ": the table " + origin_.table + " has no key above " +
                          std::to_string(*highest) + ", and was read up to " + std::to_string(*last_) +
                          ": it is not the table that was read before, or its keys begin anew; put the old "
                          "table back, or start anew with an empty state directory");
  }

 private:
  static std::int64_t number(std::string_view text) {
    std::int64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
  }
  std::string table() const { return server_.quoted(origin_.table, true); }

  void check() {
    check_gives<T>(server_, origin_.table, {});
    if (server_.run("SELECT pg_is_in_recovery()").is_true(0, 0))
      throw connector_error(who_ +
                            ": this server is a standby, which does not show who is writing; connect to "
                            "the primary");
    if (origin_.key.size() > 1)
      throw config_error(who_ + ": .key names several columns; a source reads by one that only grows");
    if (origin_.key.empty()) {
      postgres_result const primary = server_.run(
          "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY "
          "(i.indkey) WHERE i.indisprimary AND i.indrelid = to_regclass($1)",
          {table()});
      if (primary.rows() != 1)
        throw connector_error(who_ + ": the table " + origin_.table +
                              " has no primary key of one column; name the column that only grows: .key = "
                              "{\"id\"}");
      key_ = primary.text(0, 0);
    } else {
      key_ = origin_.key[0];
    }
    auto const columns = postgres_columns(server_, origin_.table, "");
    postgres_column const* const c = find_column(columns, key_);
    if (c == nullptr)
      throw connector_error(who_ + ": the table " + origin_.table + " has no column \"" + key_ +
                            "\"; name one in .key that only grows");
    if (!c->type.starts_with("int"))
      throw connector_error(who_ + ": the table " + origin_.table + ": the column \"" + key_ + "\" is " +
                            c->shown +
                            "; a source reads by a whole number that only grows, a primary key or sequence");
    postgres_result const cached = server_.run(
        "SELECT seqcache FROM pg_sequence WHERE seqrelid = to_regclass(pg_get_serial_sequence($1, $2))",
        {table(), key_});
    if (cached.rows() != 0 && cached.text(0, 0) != "1")
      throw connector_error(who_ + ": the sequence of \"" + key_ + "\" has CACHE " +
                            std::string(cached.text(0, 0)) +
                            ", so that numbers of one session come long after higher ones of another; ALTER "
                            "SEQUENCE ... CACHE 1");
  }
  std::optional<std::int64_t> find_highest() {
    postgres_result const found = server_.run("SELECT max(" + server_.quoted(key_) +
                                              "), pg_snapshot_xmax(pg_current_snapshot()) FROM " + table());
    running_ = found.text(0, 1);
    if (found.null(0, 0)) return std::nullopt;
    return number(found.text(0, 0));
  }
  // Those that may have inserted into the table: an INSERT has this lock before it takes a number, until its transaction ends.
  std::string lockers() const {
    return " FROM pg_locks WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE "
           "datname = current_database()) AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', "
           "'ExclusiveLock', 'AccessExclusiveLock') AND relation IN (SELECT to_regclass($1)::oid UNION ALL "
           "SELECT relid::oid FROM pg_partition_tree(to_regclass($1)))";
  }
  void find_writers() {
    writers_ =
        server_.run("SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}')" + lockers(), {table()})
            .text(0, 0);
  }
  // One look at the table. A server that is away is tried again at the next one.
  void step(clock::time_point now) {
    try {
      server_.once([&] { advance(now); });
      lost_.reset();
    } catch (postgres_lost const& e) {
      if (!lost_) lost_.emplace(retries{.for_at_most = origin_.server.retry});
      auto const pause = lost_->pause();
      if (!pause) server_.give_up(e, *lost_);
      server_.tell(*lost_, *pause, e);
      look_at_ = clock::now() + *pause;
      complete_ = false;
      running_.clear();
    }
  }
  void advance(clock::time_point now) {
    if (!bound_) {
      auto const highest = find_highest();
      if (!highest || (fetched_ && *highest <= *fetched_)) {
        if (!origin_.follow) ended_ = true;
        look_at_ = now + origin_.interval;
        return;
      }
      bound_ = highest;
      find_writers();
    } else if (running_.empty()) {  // the bound is from before a restart
      find_highest();
      find_writers();
    }
    if (!complete_) {
      complete_ = server_
                      .run("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $2::xid8 AND NOT EXISTS (SELECT" +
                               lockers() + " AND virtualtransaction = ANY ($3::text[]))",
                           {table(), running_, writers_})
                      .is_true(0, 0);
      if (!complete_) {
        look_at_ = now + std::min(origin_.interval, std::chrono::milliseconds{20});
        return;
      }
    }
    fetch();
  }
  void finish_bound() {
    ended_ = !origin_.follow;
    if (ended_) return;
    bound_.reset();
    running_.clear();
    complete_ = false;
  }
  void fetch() {
    std::string const key = server_.quoted(key_);
    std::string columns = key;
    for_each_index<T>([&](auto i) {
      columns += ", " + postgres_selects<field_type<T, i()>>(server_.quoted(field_name<T, i()>()));
    });
    std::string const after = fetched_ ? key + " > " + std::to_string(*fetched_) + " AND " : "";
    rows_ = server_.run("SELECT " + columns + " FROM " + table() + " WHERE " + after + key + " <= " +
                        std::to_string(*bound_) + " ORDER BY 1 LIMIT " + std::to_string(origin_.chunk));
    batch_.clear(), keys_.clear();
    first_ = 0;
    for (int i = 0; i < rows_.rows(); ++i) {
      fetched_ = number(rows_.text(i, 0));
      T& value = batch_.emplace_back();
      if (std::string const wrong = read(i, value); wrong.empty()) {
        keys_.push_back(*fetched_);
      } else {
        batch_.pop_back();
        malformed(i, wrong);
      }
    }
    if (static_cast<std::size_t>(rows_.rows()) < origin_.chunk) {
      fetched_ = bound_;
      finish_bound();
    }
    if (batch_.empty()) last_ = fetched_;
    give_malformed();
  }
  // What is wrong, or nothing.
  std::string read(int row, T& value) const {
    std::string wrong;
    for_each_index<T>([&](auto i) {
      using field = field_type<T, i()>;
      auto& to = weir::get_field<i()>(value);
      int const column = static_cast<int>(i()) + 1;
      auto const fail = [&](std::string const& why) {
        if (wrong.empty()) wrong = "the column \"" + std::string(field_name<T, i()>()) + "\" " + why;
      };
      bool const null = rows_.null(row, column);
      if constexpr (is_optional<field>) {
        to.reset();
        if (!null && !read_field(rows_.text(row, column), to.emplace()))
          fail("has '" + std::string(rows_.text(row, column)) + "', which " + std::string(text_fault<field>()));
      } else if (null) {
        fail("is NULL, and the field is no std::optional");
      } else if (!read_field(rows_.text(row, column), to)) {
        fail("has '" + std::string(rows_.text(row, column)) + "', which " + std::string(text_fault<field>()));
      }
    });
    return wrong;
  }
  template <class Field>
  static bool read_field(std::string_view text, Field& to) {
    if constexpr (std::is_same_v<Field, timestamp>) {
      std::int64_t n = 0;
      bool const read = parse_text(text, n);
      to = from_ticks(n);
      return read;
    } else {
      return parse_text(text, to);
    }
  }
  WEIR_COLD void malformed(int row, std::string const& wrong) {
    std::string const place = who_ + ": the table " + origin_.table + ": the row with " + key_ + " = " +
                              std::string(rows_.text(row, 0)) + ": " + wrong;
    if (!context_.keep_malformed)
      throw format_error(place + "; change the row or the struct, or let from() skip such rows");
    malformed_record& bad = malformed_.emplace_back(batch_.size(), malformed_record()).second;
    bad.source = origin_.table;
    bad.line = static_cast<std::uint64_t>(*fetched_);
    bad.reason = wrong;
    for (int i = 0; i < ::PQnfields(rows_.get()); ++i)
      (bad.raw += i == 0 ? "" : "\t") += rows_.null(row, i) ? "\\N" : rows_.text(row, i);
  }
  // Those that stand before what has not been consumed yet.
  void give_malformed() {
    std::size_t n = 0;
    bool const all = first_ == batch_.size();
    for (; n < malformed_.size() && (all || malformed_[n].first < first_); ++n)
      context_.malformed->push_back(std::move(malformed_[n].second));
    malformed_.erase(malformed_.begin(), malformed_.begin() + static_cast<std::ptrdiff_t>(n));
  }

  postgres_origin origin_;
  source_context context_;
  std::string who_, key_;
  postgres_connection server_;
  postgres_result rows_;  // what views in the records point into
  std::vector<T> batch_;
  std::vector<std::int64_t> keys_;                                   // of the records in batch_
  std::size_t first_ = 0;                                            // of batch_, not consumed yet
  std::vector<std::pair<std::size_t, malformed_record>> malformed_;  // and how many records stand before each
  std::optional<std::int64_t> last_, fetched_, bound_;  // keys: consumed, fetched, to be fetched at most
  bool complete_ = false;                               // nothing new will come at or below bound_
  std::string running_;  // the first transaction that had not begun when bound_ was found
  std::string writers_;  // the transactions that were writing to the table right after
  bool ended_ = false;
  clock::time_point look_at_{};
  std::optional<retry_budget> lost_;  // since the server is away
};

}  // namespace weir::detail
