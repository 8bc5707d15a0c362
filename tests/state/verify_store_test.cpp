// lmdb_store::verify: what has been damaged is refused before the first record, and what is sound passes.
#include "catch.hpp"
#include "error_of.hpp"
#include "state/temp_directory.hpp"

#include <weir/checkpoint/fsck.hpp>
#include <weir/weir.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <ranges>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::detail;
using weir_test::temp_directory;

namespace {

std::string const long_key(600, 'k');

// Sums by key over the numbers of which none has been read yet, up to `last`; then stopped. The last result of each key.
std::map<std::string, std::int64_t> run(std::filesystem::path const& state, std::int64_t last, bool verify) {
  std::stop_source stop;
  std::map<std::string, std::int64_t> sums;
  auto const key_of = [](std::int64_t n) { return n % 10 == 5 ? long_key : "k" + std::to_string(n % 10); };
  // clang-format off
  auto const job =
      weir::from(std::views::iota(std::int64_t{0}, std::int64_t{1000}), weir::uid<"numbers">)
    | weir::inspect([&](std::int64_t n) { if (n == last) stop.request_stop(); })
    | weir::map([&](std::int64_t n) { return std::pair(key_of(n), n); })
    | weir::key_by(&std::pair<std::string, std::int64_t>::first)
    | weir::reduce([](auto const& a, auto const& b) { return std::pair(a.first, a.second + b.second); }) | weir::uid<"sum">
    | weir::into([&](std::pair<std::string, std::int64_t> const& s) { sums[s.first] = s.second; }, weir::uid<"out">);
  // clang-format on
  weir::run(job, weir::lmdb_store{.directory = state, .verify = verify},
            weir::periodic_checkpoints{.every = 1h}, weir::at_least_once, weir::batch_size{10},
            stop.get_token());
  return sums;
}
std::string refusal(std::filesystem::path const& state) {
  return weir_test::error_of<weir::store_error>([&] { run(state, 999, true); });
}
std::string bytes_in(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("verify: a new directory, a stopped job and a finished one pass", "[state][verify]") {
  temp_directory const d;
  run(d / "state", 99, true);
  auto const verified = run(d / "state", 299, true);
  run(d / "other", 99, false);
  CHECK(verified == run(d / "other", 299, false));
  run(d / "state", 999, true);
  run(d / "state", 999, true);  // finished already
}

TEST_CASE("verify: the claim of a sink before the first commit passes", "[state][verify]") {
  temp_directory const d;
  auto const job = [&](bool fails) {
    return weir::from(std::views::iota(0, 3), weir::uid<"numbers">) | weir::map([fails](int n) {
             if (fails) throw std::runtime_error("no");
             return n;
           }) |
           weir::into(weir::json_lines_file{d / "out"}, weir::uid<"out">);
  };
  auto const start = [&](bool fails) {
    weir::run(job(fails), weir::lmdb_store{.directory = d / "state", .verify = true},
              weir::periodic_checkpoints{});
  };
  CHECK_THROWS_AS(start(true), std::runtime_error);
  CHECK(weir::fsck(d / "state").damage == std::vector<std::string>{});
  start(false);
  CHECK(bytes_in(d / "out") == "0\n1\n2\n");
}

TEST_CASE("verify: a flipped byte in a value is refused", "[state][verify]") {
  temp_directory const d;
  run(d / "state", 99, false);
  std::string data = bytes_in(d / "state/data.mdb");
  // The value of key k3 holds its key; whichever copy of it is the one that LMDB reads.
  std::size_t flipped = 0;
  for (auto at = data.find("k3"); at != std::string::npos; at = data.find("k3", at + 1), ++flipped)
    data[at + 2] ^= 1;
  REQUIRE(flipped > 0);
  std::ofstream(d / "state/data.mdb", std::ios::binary) << data;
  CHECK_THAT(
      refusal(d / "state"),
      Catch::Contains("verify: ") && Catch::Contains("\"sum/reduced\"") &&
          Catch::Contains("the file is damaged: weir fsck says where, restore a savepoint to a new directory"));
}

namespace {

// Takes one of the job's entries away and leaves the record of counts and sums, as damage in a page of LMDB would.
void remove_entry(std::filesystem::path const& state) {
  lmdb_environment environment(state, std::size_t{1} << 30);
  write_transaction txn(environment);
  {
    lmdb_cursor cursor(environment, txn.handle(), database::state);
    for (bool there = cursor.first(); there; there = cursor.next())
      if (cursor.key().find("k7") != std::string_view::npos) {
        cursor.erase();
        break;
      }
  }
  txn.commit();
}

}  // namespace

TEST_CASE("verify: a removed entry is refused, and without it taken for one that never was",
          "[state][verify]") {
  temp_directory const d;
  run(d / "state", 99, false);
  remove_entry(d / "state");
  CHECK_THAT(refusal(d / "state"), Catch::Contains(" had 10 entries when it was written, and 9 are there"));
  auto const sums = run(d / "state", 199, false);
  CHECK(sums.at("k7") == 10 * 152);  // 107, 117, ...: what came before is lost
  CHECK(sums.at("k6") == 20 * 101);
}

TEST_CASE("verify: a list of states that is gone is refused", "[state][verify]") {
  temp_directory const d;
  run(d / "state", 99, false);
  {
    lmdb_environment environment(d / "state", std::size_t{1} << 30);
    write_transaction txn(environment);
    {
      lmdb_cursor meta(environment, txn.handle(), database::meta);
      REQUIRE(meta.find("layout"));
      meta.erase();
    }
    txn.commit();
  }
  CHECK_THAT(refusal(d / "state"), Catch::Contains("no list of the states that they belong to"));
}

TEST_CASE("verify: a first page that makes LMDB open the commit before is refused", "[state][verify]") {
  temp_directory const d;
  for (std::int64_t last : {99, 199, 299, 399}) run(d / "state", last, false);
  std::string data = bytes_in(d / "state/data.mdb");
  auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto const transaction = [&](std::size_t i) {
    return load_little<std::uint64_t>(data.data() + i * page + 144);
  };
  // One flipped bit: the newer of the two first pages says that it is the older one, and LMDB opens the commit before.
  std::size_t const newer = transaction(0) > transaction(1) ? 0 : 1;
  std::string number;
  REQUIRE((transaction(newer) & 4) != 0);
  append_little(number, transaction(newer) & ~std::uint64_t{4});
  data.replace(newer * page + 144, 8, number);
  std::ofstream(d / "state/data.mdb", std::ios::binary) << data;
  CHECK_THAT(refusal(d / "state"), Catch::Contains("verify: ") && Catch::Contains("the file is damaged"));
}
