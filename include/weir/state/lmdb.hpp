// LMDB as weir uses it: one environment with the sub-databases state, timers and meta, default sync flags. The
// only file of weir that sees <lmdb.h>.
#pragma once

#include <weir/core/paths.hpp>
#include <weir/state/lock_file.hpp>
#include <weir/state/random_reads.hpp>
#include <weir/state/unborn_database.hpp>

#include <lmdb.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

enum class database : std::uint8_t { state, timers, meta };
inline constexpr std::size_t database_count = 3;
inline constexpr std::array<char const*, database_count> database_names{"state", "timers", "meta"};

// LMDB's limit on the size of a key.
inline constexpr std::size_t lmdb_key_limit = 511;

inline ::MDB_val to_val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
inline std::string_view from_val(::MDB_val const& v) {
  return {static_cast<char const*>(v.mv_data), v.mv_size};
}

// The environment in a directory. One thread may write while others read.
class lmdb_environment {
 public:
  // Makes the directory if it is missing. map_size is the most that the data file may grow to, in bytes; a cap
  // far above the need costs only address space. Error: store_error, also when another process holds the
  // directory.
  WEIR_COLD lmdb_environment(std::string directory, std::size_t map_size)
      : directory_((make_directory(directory), std::move(directory))),
        lock_(join_path(directory_, "LOCK")),
        map_size_(map_size) {
    try {
      int const opened = open_environment();
      bool const unborn = (opened == MDB_INVALID || opened == MDB_SUCCESS) && unborn_database(data_file());
      if (!unborn) check(opened, "open the store");
      if (unborn) make_anew();
      if (unborn || !open_databases(MDB_RDONLY)) open_databases(0);
      // Each time: whoever made the file may have died before it came to this.
      sync_directory(directory_);
      look_at_size();
    } catch (...) {
      ::mdb_env_close(env_);
      throw;
    }
  }
  lmdb_environment(lmdb_environment const&) = delete;
  lmdb_environment& operator=(lmdb_environment const&) = delete;
  ~lmdb_environment() { ::mdb_env_close(env_); }

  std::string const& directory() const { return directory_; }
  ::MDB_env* handle() const { return env_; }
  ::MDB_dbi of(database d) const { return dbis_[static_cast<std::size_t>(d)]; }

  // Throws what an error of LMDB means: where, what failed, what to do.
  void check(int rc, char const* what) const {
    if (rc != MDB_SUCCESS) [[unlikely]]
      fail(rc, what);
  }
  // The same for an error inside a write transaction: the file is in doubt after any but a full disk or map,
  // and LMDB would carry on as if nothing had happened.
  void check_write(int rc, char const* what) {
    if (rc == MDB_SUCCESS) [[likely]]
      return;
    if (rc != MDB_MAP_FULL && rc != ENOSPC && rc != MDB_BAD_VALSIZE) poison(what, rc);
    fail(rc, what);
  }
  // Every transaction asks this first.
  void check_usable() const {
    if (!poisoned_.load(std::memory_order_acquire)) [[likely]]
      return;
    std::scoped_lock const hold(reason_mutex_);
    throw store_error("weir::lmdb_store: the store " + directory_ + " must be reopened: " + reason_ +
                      "; what was committed before that is safe, restart the program");
  }
  // A reader in another process that was killed keeps old pages alive until somebody looks.
  void forget_dead_readers() {
    int dead = 0;
    check(::mdb_reader_check(env_, &dead), "look for dead readers");
  }
  // After each commit: a file that has outgrown the page cache is read page by page from then on. Most of memory is not the
  // cache's, so that begins at half of it.
  void look_at_size() {
    if (reads_at_random_) return;
    ::MDB_envinfo info;
    ::MDB_stat pages;
    check(::mdb_env_info(env_, &info), "look at its size");
    check(::mdb_env_stat(env_, &pages), "look at its size");
    if ((info.me_last_pgno + 1) * std::uint64_t{pages.ms_psize} > memory_ / 2)
      reads_at_random_ = expect_random_reads(data_file());
  }
  bool reads_at_random() const { return reads_at_random_; }
  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }

 private:
  std::string data_file() const { return join_path(directory_, "data.mdb"); }
  // What LMDB says to the opening. After an error the environment must be closed before another try.
  int open_environment() {
    ::mdb_env_close(std::exchange(env_, nullptr));
    check(::mdb_env_create(&env_), "make an LMDB environment");
    check(::mdb_env_set_maxdbs(env_, database_count), "set the number of databases");
    check(::mdb_env_set_mapsize(env_, map_size_), "set the size of the map");
    // MDB_NOTLS: a read transaction belongs to its object, not to the thread that began it.
    return ::mdb_env_open(env_, directory_.c_str(), MDB_NOTLS, 0644);
  }
  // Also where LMDB takes the file that it finds: if the one who made it had a sync that failed, its first pages are in the
  // cache and never come to the disk, for LMDB does not write them again.
  void make_anew() {
    ::mdb_env_close(std::exchange(env_, nullptr));
    remove_file(data_file());  // else the file is opened as it is
    check(open_environment(), "open the store");
  }
  // False where they do not exist yet and may not be made.
  bool open_databases(unsigned flags) {
    ::MDB_txn* txn = nullptr;
    check(::mdb_txn_begin(env_, nullptr, flags, &txn), "begin the first transaction");
    for (std::size_t i = 0; i < database_count; ++i) {
      int const rc = ::mdb_dbi_open(txn, database_names[i], flags & MDB_RDONLY ? 0 : MDB_CREATE, &dbis_[i]);
      if (rc == MDB_SUCCESS) continue;
      ::mdb_txn_abort(txn);
      if (rc == MDB_NOTFOUND && (flags & MDB_RDONLY)) return false;
      fail(rc, "open its databases");
    }
    check(::mdb_txn_commit(txn), "commit the first transaction");
    return true;
  }
  void poison(char const* what, int rc) {
    std::scoped_lock const hold(reason_mutex_);
    if (reason_.empty()) reason_ = std::string("it failed to ") + what + " (" + ::mdb_strerror(rc) + ")";
    poisoned_.store(true, std::memory_order_release);
  }
  [[noreturn]] WEIR_COLD void fail(int rc, char const* what) const {
    std::string text = "weir::lmdb_store: " + directory_ + ": cannot " + what + ": " + ::mdb_strerror(rc);
    if (rc == MDB_MAP_FULL)
      text +=
          "; the store is at its cap of " + std::to_string(map_size_) +
          " bytes: open it with a larger lmdb_store::map_size; everything up to the last checkpoint is safe";
    else if (rc == ENOSPC)
      text += "; free some space on that disk; everything up to the last checkpoint is safe";
    else if (rc == ENOMEM || rc == EFBIG)
      text += "; a map of " + std::to_string(map_size_) +
              " bytes does not fit in the address space allowed here: set a smaller lmdb_store::map_size";
    else if (rc == MDB_VERSION_MISMATCH || rc == MDB_INVALID)
      text +=
          "; data.mdb is damaged or was written by another format of LMDB: restore a savepoint to a new "
          "directory";
    else if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND)
      text += "; the file is damaged: restore a savepoint to a new directory";
    else if (rc == EACCES || rc == EROFS)
      text += "; the program must be able to write there";
    else if (rc == MDB_READERS_FULL)
      text += "; too many read transactions are open at once";
    else if (rc == MDB_PANIC || rc == EIO)
      text += "; stop the program, look at the disk and restart";
    throw store_error(text);
  }

  std::string directory_;
  lock_file lock_;
  std::size_t map_size_;
  std::uint64_t memory_ = memory_limit();
  bool reads_at_random_ = false;  // by the thread that commits
  ::MDB_env* env_ = nullptr;
  std::array<::MDB_dbi, database_count> dbis_{};
  std::atomic<bool> poisoned_{false};
  mutable std::mutex reason_mutex_;
  std::string reason_;
};

// A place in a database. The views that it gives are valid until the transaction ends, or until the next write
// in it.
class lmdb_cursor {
 public:
  lmdb_cursor(lmdb_environment& environment, ::MDB_txn* txn, database d) : environment_(environment) {
    environment_.check(::mdb_cursor_open(txn, environment.of(d), &cursor_), "open a cursor");
  }
  lmdb_cursor(lmdb_cursor const&) = delete;
  lmdb_cursor& operator=(lmdb_cursor const&) = delete;
  ~lmdb_cursor() { ::mdb_cursor_close(cursor_); }

  // To the first entry with a key >= this one; false at the end.
  bool seek(std::string_view key) { return go(key, MDB_SET_RANGE); }
  // To the entry with exactly this key.
  bool find(std::string_view key) { return go(key, MDB_SET_KEY); }
  bool first() { return go({}, MDB_FIRST); }
  // To the next entry; after erase(), to the one behind the erased.
  bool next() { return go({}, MDB_NEXT); }
  std::string_view key() const { return from_val(key_); }
  std::string_view value() const { return from_val(value_); }

  void put(std::string_view key, std::string_view value) {
    ::MDB_val k = to_val(key), v = to_val(value);
    environment_.check_write(::mdb_cursor_put(cursor_, &k, &v, 0), "write an entry");
  }
  // Writes an entry that is new; where the key has one, the cursor is at it and nothing is written: then this is its value.
  std::optional<std::string_view> put_new(std::string_view key, std::string_view value) {
    key_ = to_val(key), value_ = to_val(value);
    int const rc = ::mdb_cursor_put(cursor_, &key_, &value_, MDB_NOOVERWRITE);
    if (rc == MDB_KEYEXIST) return from_val(value_);
    environment_.check_write(rc, "write an entry");
    return std::nullopt;
  }
  // Gives the entry that the cursor is at, which has this key, another value.
  void replace(std::string_view key, std::string_view value) {
    ::MDB_val k = to_val(key), v = to_val(value);
    environment_.check_write(::mdb_cursor_put(cursor_, &k, &v, MDB_CURRENT), "write an entry");
  }
  // Erases the entry that the cursor is at.
  void erase() { environment_.check_write(::mdb_cursor_del(cursor_, 0), "erase an entry"); }
  // Goes on with a read transaction that was renewed.
  void renew(::MDB_txn* txn) { environment_.check(::mdb_cursor_renew(txn, cursor_), "renew a cursor"); }

 private:
  bool go(std::string_view key, ::MDB_cursor_op op) {
    key_ = to_val(key);
    int const rc = ::mdb_cursor_get(cursor_, &key_, &value_, op);
    if (rc == MDB_NOTFOUND) return false;
    environment_.check(rc, "read an entry");
    return true;
  }

  lmdb_environment& environment_;
  ::MDB_cursor* cursor_ = nullptr;
  ::MDB_val key_{}, value_{};
};

// One atomic, durable change. What is not committed is gone.
class write_transaction {
 public:
  explicit write_transaction(lmdb_environment& environment) : environment_(environment) {
    environment.check_usable();
    environment.check_write(::mdb_txn_begin(environment.handle(), nullptr, 0, &txn_),
                            "begin a write transaction");
  }
  write_transaction(write_transaction const&) = delete;
  write_transaction& operator=(write_transaction const&) = delete;
  ~write_transaction() {
    if (txn_) ::mdb_txn_abort(txn_);
  }

  ::MDB_txn* handle() const { return txn_; }
  // No cursor of the transaction may still be open.
  void commit() {
    environment_.check_usable();
    environment_.check_write(::mdb_txn_commit(std::exchange(txn_, nullptr)), "commit");
    environment_.look_at_size();
  }

 private:
  lmdb_environment& environment_;
  ::MDB_txn* txn_ = nullptr;
};

// What was committed when it was begun or last renewed. Short-lived, or renewed often: an old one makes the
// file grow.
class read_transaction {
 public:
  explicit read_transaction(lmdb_environment& environment) : environment_(environment) {
    environment.check_usable();
    environment.check(::mdb_txn_begin(environment.handle(), nullptr, MDB_RDONLY, &txn_),
                      "begin a read transaction");
  }
  read_transaction(read_transaction const&) = delete;
  read_transaction& operator=(read_transaction const&) = delete;
  ~read_transaction() { ::mdb_txn_abort(txn_); }

  ::MDB_txn* handle() const { return txn_; }
  lmdb_environment& environment() const { return environment_; }
  // How many entries LMDB says there are.
  std::size_t entries(database d) const {
    ::MDB_stat stat{};
    environment_.check(::mdb_stat(txn_, environment_.of(d), &stat), "count the entries");
    return stat.ms_entries;
  }
  // To what is committed now. Cursors must be renewed after it.
  void renew() {
    environment_.check_usable();
    ::mdb_txn_reset(txn_);
    environment_.check(::mdb_txn_renew(txn_), "renew a read transaction");
  }
  // The value under the key, valid until renew().
  std::optional<std::string_view> get(database d, std::string_view key) const {
    ::MDB_val k = to_val(key), v{};
    int const rc = ::mdb_get(txn_, environment_.of(d), &k, &v);
    if (rc == MDB_NOTFOUND) return std::nullopt;
    environment_.check(rc, "read an entry");
    return from_val(v);
  }

 private:
  lmdb_environment& environment_;
  ::MDB_txn* txn_ = nullptr;
};

}  // namespace weir::detail
