// lmdb_store::memory: state far larger than what may be in memory gives the same results.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <ranges>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using weir_test::temp_directory;

namespace {

// What each key has come to, as records of a stream of keys that come back again and again.
template <class KeyOf>
void check_against_a_map(KeyOf key_of, std::size_t memory) {
  constexpr std::int64_t records = 120'000;
  temp_directory const d;
  std::uint64_t wrong = 0, seen = 0;
  std::map<decltype(key_of(0)), std::int64_t> expected;
  auto const pipeline = weir::from(std::views::iota(std::int64_t{0}, records), weir::uid<"numbers">) |
                        weir::key_by(key_of) | weir::reduce(std::plus<>{}) | weir::uid<"sums"> |
                        weir::into(
                            [&](std::int64_t sum) {
                              std::int64_t const n = static_cast<std::int64_t>(seen++);
                              wrong += (expected[key_of(n)] += n) != sum;
                            },
                            weir::uid<"out">);
  auto const result =
      weir::run(pipeline, weir::lmdb_store{.directory = d.path(), .memory = memory},
                weir::periodic_checkpoints{.every = 1h}, weir::at_least_once, weir::batch_size{256});
  CHECK(seen == static_cast<std::uint64_t>(records));
  CHECK(wrong == 0);
  CHECK(result.checkpoints > 5);  // by size: the interval never ends
}

}  // namespace

TEST_CASE("state ten times larger than the memory for it: numbers") {
  // 40,000 keys of some 24 bytes each, three times round.
  check_against_a_map([](std::int64_t n) { return n * 7'919 % 40'000; }, 150'000);
}

TEST_CASE("state ten times larger than the memory for it: text") {
  check_against_a_map([](std::int64_t n) { return "a rather long key " + std::to_string(n * 7'919 % 40'000); },
                      500'000);
}

namespace {

struct checked_store {
  temp_directory directory;
  weir::lmdb_backend backend{directory.path(), std::size_t{1} << 30, 128};
  using table = weir::detail::layered_table<std::int64_t, std::int64_t, weir::value_format<std::int64_t>>;
  table values{backend, "op", weir::value_format<std::int64_t>("value")};
  weir::detail::garbage old;

  void checkpoint() {
    weir::detail::flush_plan plan;
    values.freeze(plan);
    backend.freeze(plan);
    backend.commit(plan);
    backend.renew();
    values.flushed(old);
  }
};

}  // namespace

TEST_CASE("a table tells what it holds, and gives up what is only a cache") {
  checked_store s;
  for (std::int64_t k = 0; k < 1'000; ++k) s.values.touch(k, [k] { return k; });
  CHECK(s.values.memory().changed >= 16'000);
  CHECK(s.values.memory().changed <= 64'000);
  CHECK(s.values.memory().clean == 0);
  s.checkpoint();
  CHECK(s.values.memory().changed == 0);
  CHECK(s.values.memory().clean >= 16'000);
  s.values.evict(s.old);
  CHECK(s.values.memory().clean == 0);
  for (std::int64_t k = 0; k < 1'000; ++k) CHECK(*s.values.find(k) == k);
  CHECK(s.values.find(1'000) == nullptr);
  std::int64_t all = 0;
  s.values.for_each([&](std::int64_t, std::int64_t v) { all += v; });
  CHECK(all == 999 * 1'000 / 2);
}

TEST_CASE("a table of text counts what its entries own, from its first checkpoint on as it was written") {
  temp_directory const d;
  weir::lmdb_backend backend(d.path(), std::size_t{1} << 30, 128);
  weir::detail::layered_table<std::int64_t, std::string, weir::value_format<std::string>> values(
      backend, "op", weir::value_format<std::string>("value"));
  auto const fill = [&] {
    for (std::int64_t k = 0; k < 100; ++k)
      values.touch(k, [] { return std::string(); }) = std::string(10'000, 'x');
  };
  fill();
  weir::detail::flush_plan plan;
  values.freeze(plan);
  backend.freeze(plan);
  backend.commit(plan);
  backend.renew();
  weir::detail::garbage old;
  values.flushed(old);
  CHECK(values.memory().clean >= 1'000'000);
  fill();
  CHECK(values.memory().changed >= 1'000'000);
  CHECK(values.memory().changed <= 2'000'000);
}
