#include <weir/state/lmdb.hpp>

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "error_of.hpp"
#include "state/temp_directory.hpp"

namespace {

using namespace weir::detail;
using weir_test::error_of;
using weir_test::temp_directory;

constexpr std::size_t tebibyte = std::size_t{1} << 40;

void put(lmdb_environment& environment, std::string const& key, std::string const& value) {
  write_transaction txn(environment);
  {
    lmdb_cursor cursor(environment, txn.handle(), database::state);
    cursor.put(key, value);
  }
  txn.commit();
}

TEST_CASE("lmdb: what is committed is there after reopening, what is not is gone", "[state][lmdb]") {
  temp_directory const dir;
  auto const path = dir / "deep/er/state/";
  {
    lmdb_environment environment(path, tebibyte);
    put(environment, "a", "1");
    write_transaction lost(environment);
    lmdb_cursor cursor(environment, lost.handle(), database::state);
    cursor.put("b", "2");
  }
  lmdb_environment environment(path, tebibyte);
  read_transaction txn(environment);
  CHECK(txn.get(database::state, "a") == "1");
  CHECK(txn.get(database::state, "b") == std::nullopt);
  CHECK(txn.get(database::meta, "a") == std::nullopt);
  CHECK(std::filesystem::file_size(path / "data.mdb") < 1'000'000);
}

TEST_CASE("lmdb: a reader sees one instant until it is renewed", "[state][lmdb]") {
  temp_directory const dir;
  lmdb_environment environment(dir.path(), tebibyte);
  put(environment, "a", "1");
  read_transaction txn(environment);
  lmdb_cursor cursor(environment, txn.handle(), database::state);
  put(environment, "b", "2");
  CHECK_FALSE(cursor.find("b"));
  txn.renew();
  cursor.renew(txn.handle());
  REQUIRE(cursor.find("b"));
  CHECK(cursor.value() == "2");
}

TEST_CASE("lmdb: a cursor seeks, goes on and erases as it goes", "[state][lmdb]") {
  temp_directory const dir;
  lmdb_environment environment(dir.path(), tebibyte);
  for (char c = 'a'; c < 'k'; c += 2) put(environment, std::string(1, c), "v");
  {
    write_transaction txn(environment);
    lmdb_cursor cursor(environment, txn.handle(), database::state);
    REQUIRE(cursor.seek("b"));
    CHECK(cursor.key() == "c");
    cursor.erase();
    REQUIRE(cursor.next());
    CHECK(cursor.key() == "e");
    cursor.erase();
    REQUIRE(cursor.next());
    CHECK(cursor.key() == "g");
    REQUIRE(cursor.next());
    CHECK_FALSE(cursor.next());
    CHECK_FALSE(cursor.find("e"));
    CHECK_FALSE(cursor.seek("z"));
    REQUIRE(cursor.first());
    CHECK(cursor.key() == "a");
  }
}

TEST_CASE("lmdb: a second opener is told who holds the directory", "[state][lmdb]") {
  temp_directory const dir;
  lmdb_environment environment(dir.path(), tebibyte);
  std::string const text = error_of<weir::store_error>([&] { lmdb_environment second(dir.path(), tebibyte); });
  CHECK(text.find("is in use by process " + std::to_string(::getpid())) != std::string::npos);
  CHECK(text.find("LOCK") != std::string::npos);
  CHECK(text.find(dir.path().string()) != std::string::npos);
}

TEST_CASE("lmdb: a full map stops the transaction, not the store", "[state][lmdb]") {
  temp_directory const dir;
  lmdb_environment environment(dir.path(), 128 * 1024);
  std::string const text =
      error_of<weir::store_error>([&] { put(environment, "big", std::string(1 << 20, 'x')); });
  CHECK(text.find("131072") != std::string::npos);
  CHECK(text.find("map_size") != std::string::npos);
  CHECK(text.find(dir.path().string()) != std::string::npos);
  CHECK_FALSE(environment.poisoned());
  put(environment, "small", "x");
  CHECK(read_transaction(environment).get(database::state, "small") == "x");
}

TEST_CASE("lmdb: after a failed commit the store must be reopened", "[state][lmdb]") {
  temp_directory const dir;
  {
    lmdb_environment environment(dir.path(), tebibyte);
    put(environment, "a", "1");
    ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto const handler = std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit small = before;
    small.rlim_cur = std::filesystem::file_size(dir / "data.mdb");
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::string const text =
        error_of<weir::store_error>([&] { put(environment, "b", std::string(1 << 20, 'x')); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(text.find("cannot") != std::string::npos);
    CHECK(environment.poisoned());
    std::string const later = error_of<weir::store_error>([&] { put(environment, "c", "1"); });
    CHECK(later.find("must be reopened") != std::string::npos);
    CHECK(error_of<weir::store_error>([&] { read_transaction txn(environment); }).find("must be reopened") !=
          std::string::npos);
  }
  lmdb_environment environment(dir.path(), tebibyte);
  read_transaction txn(environment);
  CHECK(txn.get(database::state, "a") == "1");
  CHECK(txn.get(database::state, "b") == std::nullopt);
}

TEST_CASE("lmdb: a file that is no database and a place that is no directory are refused in words",
          "[state][lmdb]") {
  temp_directory const dir;
  std::ofstream(dir / "data.mdb") << std::string(8192, 'x');
  CHECK(error_of<weir::store_error>([&] {
          lmdb_environment environment(dir.path(), tebibyte);
        }).find("data.mdb is damaged") != std::string::npos);
  std::ofstream(dir / "file") << "x";
  CHECK(error_of<weir::store_error>([&] {
          lmdb_environment environment(dir / "file", tebibyte);
        }).find((dir / "file").string()) != std::string::npos);
}

}  // namespace
