// map_state in whole runs: whatever the store, the memory, the batches, the checkpoints and the stops, the results are those
// of memory_store.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;

namespace {

using i64 = std::int64_t;

struct act {
  i64 key, what, entry, at;
};

// Says what it sees of its maps.
struct acts {
  using output = i64;
  weir::map_state<i64, i64, "map"> map;
  weir::map_state<i64, std::string, "texts"> texts;
  auto states() { return std::tie(map, texts); }
  template <class Context, class Emit>
  void on_record(act const& a, Context& context, Emit const& emit) {
    i64 said = a.key;
    if (a.what < 30) {
      said = ++map[a.entry];
    } else if (a.what < 40) {
      if (i64* const value = map.get(a.entry)) said = *value, *value = a.at;
    } else if (a.what < 60) {
      map.put(a.entry, a.at), texts.put(a.entry, std::to_string(a.at));
    } else if (a.what < 80) {
      said = map.remove(a.entry) + 2 * texts.remove(a.entry + 1);
    } else if (a.what < 90) {
      said = map.contains(a.entry) + 2 * texts.contains(a.entry) + 4 * map.empty();
      context.set_timer(context.time() + std::chrono::microseconds{a.entry});
    } else if (a.what == 90) {
      map.clear();
    } else if (a.what == 91) {
      said = static_cast<i64>(map.size());
      for (auto const& [k, v] : map) said = said * 31 % 1'000'003 + k * v;
      for (auto const& [k, v] : texts) said = said * 31 % 1'000'003 + k + static_cast<i64>(v.size());
    }
    emit(said);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context&, Emit const& emit) {
    emit(map.contains(3));
    map.remove(3), map.remove(4);
    if (!texts.empty()) emit(texts.begin()->first);
  }
};

std::vector<act> acts_of(std::uint64_t seed, std::size_t n) {
  std::mt19937_64 random(seed);
  std::vector<act> all;
  for (std::size_t i = 0; i < n; ++i) {
    // The first keys have a few entries, the last one a thousand.
    i64 const key = static_cast<i64>(random() % 8);
    all.push_back({key, static_cast<i64>(random() % 100),
                   static_cast<i64>(random() % (key == 7 ? 1'000 : 5 + 10 * static_cast<unsigned>(key))),
                   static_cast<i64>(i)});
  }
  return all;
}

template <class Each>
auto job(std::vector<act> const& all, std::vector<i64>& said, Each each) {
  return weir::from(all, weir::uid<"acts">) | weir::inspect(each) |
         weir::assign_timestamps([](act const& a) { return weir::from_ticks(a.at); },
                                 weir::monotonous_timestamps{}) |
         weir::key_by([](act const& a) { return a.key; }) | weir::process<"acts of keys">(acts{}) |
         weir::into([&said](i64 s) { said.push_back(s); }, weir::uid<"said">);
}

}  // namespace

TEST_CASE("map_state: a run with lmdb_store gives what one in memory gives", "[runtime][state]") {
  char const* const given = std::getenv("WEIR_SEED");
  std::uint64_t const first = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  for (std::uint64_t seed = first; seed < first + 6; ++seed) {
    INFO("WEIR_SEED=" << seed);
    std::mt19937_64 random(seed);
    auto const all = acts_of(seed, 20'000);
    std::vector<i64> expected, said;
    weir::run(job(all, expected, [](act const&) {}), weir::memory_store{});

    weir_test::temp_directory const directory;
    std::size_t const memory = seed % 2 == 0 ? 30'000 : std::size_t{1} << 30;
    weir::outcome status = weir::outcome::stopped;
    unsigned runs = 0;
    for (; status == weir::outcome::stopped; ++runs) {
      weir::job_control control;
      std::uint64_t const every = 100 + random() % 2'000, stop = 1'000 + random() % 10'000;
      std::uint64_t n = 0;
      auto const each = [&](act const&) {
        if (++n % every == 0) control.checkpoint();
        if (n == stop) control.stop();
      };
      status =
          weir::run(job(all, said, each),
                    weir::lmdb_store{.directory = directory.path(), .map_size = 64 << 20, .memory = memory},
                    weir::periodic_checkpoints{.every = 1h}, weir::at_least_once,
                    weir::batch_size{1 + random() % 300}, control)
              .status;
    }
    CHECK(runs > 1);
    REQUIRE(said == expected);
  }
}
