// read_environment: the data file of a state directory, read only, also while another process writes it.
#pragma once

#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/state/lmdb.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// What is there cannot be what was written.
class damaged_store : public store_error {
 public:
  using store_error::store_error;
};

// Takes no lock, and writes nothing but LMDB's table of readers (lock.mdb), by which the writer knows which pages are still
// read. That table lets a process open a directory once: never for the process that runs the job.
//
// A damaged file may crash LMDB: open it in a process of its own.
// Errors: store_error where there is nothing to read or no right to it, damaged_store.
class read_environment {
 public:
  explicit read_environment(std::string directory) : directory_(std::move(directory)) {
    if (!is_there(data_file()))
      throw store_error("weir: " + directory_ +
                        ": there is no data.mdb in it; name a state directory, or a savepoint");
    if (unborn_database(data_file()))
      throw store_error("weir: " + directory_ + ": nothing has been saved there yet");
    refuse_own();
    try {
      open(largest_map);
      int dead = 0;
      ::mdb_reader_check(env_, &dead);  // those who were killed while they read
      begin();
      for (std::size_t i = 0; i < database_count; ++i) {
        int const rc = ::mdb_dbi_open(txn_, database_names[i], 0, &dbis_[i]);
        if (rc == MDB_NOTFOUND && never_committed())
          throw store_error("weir: " + directory_ + ": nothing has been saved there yet");
        check(rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc, "open its databases");
      }
      // They are known to later transactions only if this one is committed.
      check(::mdb_txn_commit(std::exchange(txn_, nullptr)), "end the first transaction");
    } catch (...) {
      close();
      throw;
    }
  }
  read_environment(read_environment const&) = delete;
  read_environment& operator=(read_environment const&) = delete;
  ~read_environment() { close(); }

  std::string const& directory() const { return directory_; }

  // What is committed now is what is read until end(). Be short: meanwhile the writer can use no page again.
  void begin() {
    end();
    check(::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn_), "begin to read");
  }
  void end() {
    if (txn_ != nullptr) ::mdb_txn_abort(std::exchange(txn_, nullptr));
  }
  bool reading() const { return txn_ != nullptr; }

  // The number of the commit that is read.
  std::uint64_t transaction() const { return ::mdb_txn_id(txn_); }
  std::size_t page_size() const {
    ::MDB_stat stat{};
    check(::mdb_env_stat(env_, &stat), "ask for the size of its pages");
    return stat.ms_psize;
  }
  // How many entries LMDB says there are.
  std::size_t entries(database d) const {
    ::MDB_stat stat{};
    check(::mdb_stat(txn_, of(d), &stat), "count the entries");
    return stat.ms_entries;
  }
  std::optional<std::string_view> get(database d, std::string_view key) const {
    ::MDB_val k = to_val(key), v{};
    int const rc = ::mdb_get(txn_, of(d), &k, &v);
    if (rc == MDB_NOTFOUND) return std::nullopt;
    check(rc, "read an entry");
    return from_val(v);
  }
  // Of the pages: the bytes of the file that the last commit knows of.
  std::uint64_t used_bytes() const {
    ::MDB_envinfo info{};
    check(::mdb_env_info(env_, &info), "ask for its size");
    return std::uint64_t{page_size()} * (std::uint64_t{info.me_last_pgno} + 1);
  }

  // The entries of one database in the order of their keys.
  class cursor {
   public:
    cursor(read_environment const& environment, database d) : environment_(environment) {
      environment.check(::mdb_cursor_open(environment.txn_, environment.of(d), &cursor_), "open a cursor");
    }
    cursor(cursor const&) = delete;
    cursor& operator=(cursor const&) = delete;
    ~cursor() { close(); }
    // Before the transaction ends.
    void close() {
      if (cursor_ != nullptr) ::mdb_cursor_close(std::exchange(cursor_, nullptr));
    }

    // To the first entry with a key >= this one; false at the end.
    bool seek(std::string_view key) { return key.empty() ? go({}, MDB_FIRST) : go(key, MDB_SET_RANGE); }
    bool next() { return go({}, MDB_NEXT); }
    std::string_view key() const { return from_val(key_); }
    std::string_view value() const { return from_val(value_); }

   private:
    bool go(std::string_view key, ::MDB_cursor_op op) {
      key_ = to_val(key);
      int const rc = ::mdb_cursor_get(cursor_, &key_, &value_, op);
      if (rc == MDB_NOTFOUND) return false;
      environment_.check(rc, "read the next entry");
      return true;
    }

    read_environment const& environment_;
    ::MDB_cursor* cursor_ = nullptr;
    ::MDB_val key_{}, value_{};
  };

 private:
  // Costs address space only. A larger file is mapped as it is.
  static constexpr std::size_t largest_map = std::size_t{1} << 40;

  std::string data_file() const { return join_path(directory_, "data.mdb"); }
  ::MDB_dbi of(database d) const { return dbis_[static_cast<std::size_t>(d)]; }

  void open(std::size_t map_size) {
    // Without a table of readers nobody else has it open, and none is to be made.
    unsigned const lock = is_there(join_path(directory_, "lock.mdb")) ? 0 : MDB_NOLOCK;
    for (;;) {
      check(::mdb_env_create(&env_), "make an LMDB environment");
      check(::mdb_env_set_maxdbs(env_, database_count), "set the number of databases");
      if (map_size != 0) check(::mdb_env_set_mapsize(env_, map_size), "set the size of the map");
      int const rc = ::mdb_env_open(env_, directory_.c_str(), MDB_RDONLY | MDB_NOTLS | lock, 0644);
      if (rc == MDB_SUCCESS) return;
      close();
      if ((rc != ENOMEM && rc != EFBIG) || map_size == 0) fail(rc, "open it");
      map_size = 0;  // little address space: as large as the file says
    }
  }
  void close() {
    end();
    ::mdb_env_close(std::exchange(env_, nullptr));
  }
  bool never_committed() const {
    ::MDB_envinfo info{};
    return ::mdb_env_info(env_, &info) == MDB_SUCCESS && info.me_last_txnid == 0;
  }
  // The pid in LOCK says that it is this process, unless that one is long gone.
  void refuse_own() const {
    int const fd = ::open(join_path(directory_, "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    char text[32]{};
    bool own = ::pread(fd, text, sizeof text - 1, 0) > 0 && std::to_string(::getpid()) + "\n" == text;
    own = own && ::flock(fd, LOCK_SH | LOCK_NB) != 0;
    ::close(fd);
    if (own)
      throw store_error(
          "weir: " + directory_ +
          ": this process itself runs the job; read it from another one, such as the program weir");
  }
  void check(int rc, char const* what) const {
    if (rc != MDB_SUCCESS) [[unlikely]]
      fail(rc, what);
  }
  [[noreturn]] WEIR_COLD void fail(int rc, char const* what) const {
    std::string const text = "weir: " + directory_ + ": cannot " + what + ": " + ::mdb_strerror(rc) + "; ";
    if (rc == EACCES || rc == EPERM)
      throw store_error(text + "the user must be able to read data.mdb and to write lock.mdb there");
    if (rc == MDB_READERS_FULL) throw store_error(text + "too many others read it at once");
    if (rc == MDB_VERSION_MISMATCH)
      throw damaged_store(text + "data.mdb is damaged, or another format of LMDB wrote it");
    bool const fits = size_of_file(data_file()).value_or(largest_map + 1) <= largest_map;
    if (rc == MDB_MAP_RESIZED && !fits) throw store_error(text + "the file has grown: read it again");
    // Numbers above 0 are the system's.
    if (rc > 0 && rc != EINVAL) throw store_error(text + "look at the disk and at the rights");
    throw damaged_store(text + "the file is damaged: restore a savepoint to a new directory");
  }

  std::string directory_;
  ::MDB_env* env_ = nullptr;
  ::MDB_txn* txn_ = nullptr;
  std::array<::MDB_dbi, database_count> dbis_{};
};

}  // namespace weir::detail
