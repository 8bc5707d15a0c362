// What run_result::store and checkpoint_completed::store say of lmdb_store, with numbers that are known.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ranges>
#include <stop_token>
#include <vector>

using namespace std::chrono_literals;
using weir_test::temp_directory;

namespace {

struct part {
  std::int64_t first, end, keys;
};

// Sums by n modulo `keys`; nothing of it is written before the end of the part, unless memory is full.
weir::run_result sums(temp_directory const& d, std::vector<std::int64_t> const& keys, std::size_t stop_at,
                      std::size_t memory, std::vector<weir::store_metrics>& heard) {
  std::stop_source stop;
  std::size_t n = 0;
  // clang-format off
  auto const job = weir::from(keys, weir::uid<"keys">)
                 | weir::inspect([&](std::int64_t) { if (++n == stop_at) stop.request_stop(); })
                 | weir::key_by([](std::int64_t k) { return k; })
                 | weir::reduce(std::plus<>{}) | weir::uid<"sum">
                 | weir::into([](std::int64_t) {}, weir::uid<"out">);
  // clang-format on
  return weir::run(job, weir::lmdb_store{.directory = d.path(), .memory = memory},
                   weir::periodic_checkpoints{.every = 1h}, weir::at_least_once, weir::batch_size{100},
                   stop.get_token(),
                   weir::observer{[&](weir::checkpoint_completed const& c) { heard.push_back(c.store); }});
}
std::vector<std::int64_t> several(std::initializer_list<part> parts) {
  std::vector<std::int64_t> all;
  for (part const& p : parts)
    for (std::int64_t n = p.first; n < p.end; ++n) all.push_back(n % p.keys);
  return all;
}

}  // namespace

TEST_CASE("store_metrics: looks for keys, by what has answered them", "[runtime][store_metrics]") {
  temp_directory const d;
  std::vector<weir::store_metrics> heard;
  // 100 keys, ten times each; then stopped. Then 150 keys of which 50 are new, twice each.
  auto const keys = several({{0, 1'000, 100}, {0, 300, 150}});
  auto const first = sums(d, keys, 1'000, 1 << 30, heard);
  REQUIRE(first.status == weir::outcome::stopped);
  REQUIRE(heard.size() == 1);
  CHECK(first.checkpoints == 1);
  // Nothing was below what has changed.
  CHECK(first.store.memory_answers == 0);
  CHECK(first.store.file_hits == 0);
  CHECK(first.store.file_misses == 0);
  CHECK(first.store.hit_rate() == 1);
  // At the end all of it has been written.
  CHECK(first.store.changed == weir::store_metrics::layer{});
  CHECK(first.store.frozen == weir::store_metrics::layer{});
  CHECK(first.store.clean.entries == 100);
  CHECK(first.store.clean.bytes >= 1'600);
  CHECK(first.store.peak_bytes >= 1'600);
  CHECK(first.store.file_bytes == std::filesystem::file_size(d / "data.mdb"));
  CHECK(first.store.evictions == 0);
  CHECK(heard.back() == first.store);

  auto const second = sums(d, keys, 0, 1 << 30, heard);
  CHECK(second.status == weir::outcome::finished);
  CHECK(second.store.file_hits == 100);
  CHECK(second.store.file_misses == 50);
  CHECK(second.store.memory_answers == 0);
  CHECK(second.store.hit_rate() == 0);
  CHECK(second.store.clean.entries == 150);
}

TEST_CASE("store_metrics: what memory has no room for is given up, and read from the file",
          "[runtime][store_metrics]") {
  temp_directory const d;
  std::vector<weir::store_metrics> heard;
  auto const result = sums(d, several({{0, 60'000, 20'000}}), 0, 100'000, heard);
  CHECK(result.store.evictions > 0);
  CHECK(result.store.file_hits + result.store.file_misses + result.store.memory_answers <= 60'000);
  // What memory held of a key can be at most that; the rest of the second and third time comes from the file.
  CHECK(result.store.file_hits + result.store.memory_answers >= 30'000);
  CHECK(result.store.file_hits > 20'000);
  CHECK(result.store.stalls == result.stalls);
  CHECK(result.store.stalled == result.stalled);
  CHECK(heard.size() == result.checkpoints);
  for (weir::store_metrics const& m : heard) CHECK(m.frozen.entries == 0);  // it has just been written
}

TEST_CASE("store_metrics: what is erased, frozen or in the cache is answered by memory",
          "[state][store_metrics]") {
  temp_directory const d;
  weir::lmdb_backend backend(d.path(), std::size_t{1} << 30, 128);
  weir::detail::layered_table<std::int64_t, std::int64_t, weir::value_format<std::int64_t>> values(
      backend, "op", weir::value_format<std::int64_t>("value"));
  auto const zero = [] { return std::int64_t{0}; };
  auto const looks = [&] {
    auto const l = std::exchange(backend.looks(), {});
    return std::vector<std::uint64_t>{l.memory, l.hits, l.misses};
  };
  using counts = std::vector<std::uint64_t>;
  for (std::int64_t k = 0; k < 10; ++k) values.touch(k, zero);
  CHECK(looks() == counts{0, 0, 0});
  weir::detail::flush_plan plan;
  values.freeze(plan);
  CHECK(values.entries().changed == 0);
  CHECK(values.entries().frozen == 10);
  values.touch(1, zero);  // frozen
  values.touch(1, zero);  // changed by now
  CHECK(looks() == counts{1, 0, 0});
  backend.freeze(plan);
  backend.commit(plan);
  backend.renew();
  weir::detail::garbage old;
  values.flushed(old);
  CHECK(values.entries().clean == 10);
  values.touch(2, zero);   // in the cache
  values.touch(77, zero);  // in none: nothing else can be in the file
  CHECK(looks() == counts{2, 0, 0});
  values.evict(old);
  values.touch(3, zero);
  values.touch(78, zero);
  CHECK(looks() == counts{0, 1, 1});
  values.erase(2);
  values.touch(2, zero);  // erased since the last checkpoint
  CHECK(looks() == counts{1, 0, 0});
}

TEST_CASE("store_metrics: all 0 with memory_store", "[runtime][store_metrics]") {
  auto const result =
      weir::run(weir::from(std::views::iota(0, 100)) | weir::key_by([](int n) { return n % 7; }) |
                weir::reduce(std::plus<>{}) | weir::into([](int) {}));
  CHECK(result.store == weir::store_metrics{});
}
