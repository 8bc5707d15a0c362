// What checkpoints cost: a sum for each of a million uniform keys, with lmdb_store, checkpoints every second against none;
// and for how long a checkpoint holds up the records.
#include "bench.hpp"

#include <weir/weir.hpp>

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct change {
  std::uint64_t key;
  std::int64_t amount;
};

// A new balance for each change.
struct balance {
  using output = std::int64_t;
  weir::value_state<std::int64_t, "balance"> total;
  auto states() { return std::tie(total); }
  template <class Context, class Emit>
  void on_record(change const& c, Context&, Emit const& emit) {
    emit(total.get() += c.amount);
  }
};

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
  return x ^ (x >> 29);
}

auto pipeline(std::uint64_t records, std::uint64_t keys, std::uint64_t& checksum) {
  return weir::from(std::views::iota(std::uint64_t{0}, records), weir::uid<"changes">) |
         weir::map([keys](std::uint64_t i) {
           return change{mix(i) % keys, static_cast<std::int64_t>(i % 1000)};
         }) |
         weir::key_by([](change const& c) { return c.key; }) | weir::process<"balances">(balance{}) |
         weir::into(weir::fold(&checksum, [](std::uint64_t a,
                                             std::int64_t b) { return a + static_cast<std::uint64_t>(b); }),
                    weir::uid<"sum">);
}

}  // namespace

int main(int count, char** arguments) {
  bench::program program(count, arguments);
  std::filesystem::path const folder =
      std::filesystem::temp_directory_path() / ("weir-bench-" + std::to_string(::getpid()));
  std::uint64_t const records = program.size(100'000'000, 200'000), keys = program.size(1'000'000, 10'000);
  std::vector<std::chrono::nanoseconds> pauses;

  bench::suite s(program, "checkpoint/1000000", records, bench::time_of::wall);
  auto const durable = [&](auto... checkpoints) {
    return [&, checkpoints...] {
      std::filesystem::remove_all(folder);
      std::uint64_t checksum = 0;
      auto const r = weir::run(pipeline(records, keys, checksum), weir::lmdb_store{folder}, checkpoints...);
      pauses.insert(pauses.end(), r.pauses.begin(), r.pauses.end());
      return checksum;
    };
  };
  s.add("none", durable(weir::no_checkpoints{}));
  s.add("every-1s", durable(weir::periodic_checkpoints{.every = 1s}, weir::at_least_once));
  s.add("memory_store", [&] {
    std::uint64_t checksum = 0;
    weir::run(pipeline(records, keys, checksum), weir::memory_store{});
    return checksum;
  });
  s.run(3);
  std::filesystem::remove_all(folder);

  std::ranges::sort(pauses);
  auto const pause = [&](std::string const& name, double share) {
    if (pauses.empty()) return;
    auto const at = static_cast<std::size_t>(share * static_cast<double>(pauses.size() - 1));
    program.figure("checkpoint/pause/" + name, std::chrono::duration<double, std::milli>(pauses[at]).count(),
                   "ms");
  };
  pause("p50", 0.5);
  pause("p99", 0.99);
  pause("max", 1.0);
  return program.status();
}
