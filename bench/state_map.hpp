// map_state for bench/state.cpp: records that read and change one entry of a large map, against the same number of entries in
// small maps, and against memory.
#pragma once

#include "state_events.hpp"
#include "state_report.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace bench {

struct entry_event {
  std::uint64_t key, entry;
  std::int64_t amount;
};

struct change_entry {
  using output = std::int64_t;
  weir::map_state<std::uint64_t, state_value, "entries"> entries;
  auto states() { return std::tie(entries); }
  template <class Context, class Emit>
  void on_record(entry_event const& e, Context&, Emit const& emit) {
    emit(change(entries[e.entry], e.amount));
  }
};

inline auto entry_changes(std::uint64_t* checksum) {
  return weir::key_by([](entry_event const& e) { return e.key; }) | weir::process<"changes">(change_entry{}) |
         weir::into(weir::fold(checksum, [](std::uint64_t a,
                                            std::int64_t b) { return a + static_cast<std::uint64_t>(b); }),
                    weir::uid<"sum">);
}

// `entries` of them in maps of `of_each`.
class map_job {
 public:
  map_job(std::filesystem::path folder, std::uint64_t entries, std::uint64_t of_each)
      : folder_(std::move(folder)), entries_(entries), of_each_(of_each) {}

  // Every entry once, in a store that is new, and nothing of it in memory afterwards.
  void fill() {
    std::filesystem::remove_all(folder_);
    in_store(entries_, entries_, [](std::uint64_t i) { return i; });
  }
  std::uint64_t in_store(std::uint64_t n, std::uint64_t every) {
    return in_store(n, every, [this](std::uint64_t i) { return mix(i) % entries_; });
  }
  // The same in memory, where the entries must be made first.
  std::uint64_t in_memory(std::uint64_t n) {
    std::uint64_t checksum = 0;
    weir::run(weir::from(std::views::iota(std::uint64_t{0}, n), weir::uid<"events">) |
                  weir::map([this](std::uint64_t i) { return event(mix(i) % entries_, i); }) |
                  entry_changes(&checksum),
              weir::memory_store{});
    return checksum;
  }

 private:
  entry_event event(std::uint64_t entry, std::uint64_t i) const {
    return {entry / of_each_, entry % of_each_, amount_of(i)};
  }
  // The next record after a checkpoint is the first one that comes when it has been written.
  template <class Entry>
  std::uint64_t in_store(std::uint64_t n, std::uint64_t every, Entry entry) {
    weir::job_control const control;
    std::uint64_t checksum = 0, next = 0, asked = 0, written = 0;
    auto const pipeline =
        weir::from(std::views::iota(std::uint64_t{0}, std::uint64_t{1} << 62), weir::uid<"events">) |
        weir::filter([&](std::uint64_t) {
          if (next == n) control.stop();
          return next < n && asked == written;
        }) |
        weir::map([&, this](std::uint64_t) {
          std::uint64_t const i = next++;
          if (next % every == 0 && next < n) control.checkpoint(), ++asked;
          return event(entry(i), i);
        }) |
        entry_changes(&checksum);
    auto const result =
        weir::run(pipeline, weir::lmdb_store{.directory = folder_},
                  weir::periodic_checkpoints{.every = std::chrono::hours{1}}, weir::at_least_once, control,
                  weir::observer{[&](weir::checkpoint_completed const&) { ++written; }});
    if (result.status != weir::outcome::stopped)
      throw std::runtime_error("bench: the run did not end where it should");
    return checksum;
  }

  std::filesystem::path folder_;
  std::uint64_t entries_, of_each_;
};

// A hundred thousand entries under one key, and ten under each of ten thousand; a checkpoint after each ten thousand records, which
// wait until it has been written.
inline void map_entries(program& program, work_folder const& folder) {
  if (!program.wants_suite("map_state/entries")) return;
  std::uint64_t const entries = program.size(100'000, 1'000), every = entries / 10,
                      n = program.size(1'000'000, 10'000);
  map_job large(folder / "large_map", entries, entries), small(folder / "small_maps", entries, 10);
  times ours, smaller, memory;
  for (std::size_t round = 0; round < program.rounds(3); ++round) {
    std::uint64_t sum = 0, expected = 0;
    large.fill();
    ours.add([&] { sum = large.in_store(n, every); });
    small.fill();
    smaller.add([&] { expected = small.in_store(n, every); });
    expect_same(program, "map_state/entries/10-under-each", sum, expected);
    memory.add([&] { large.in_memory(n); });
  }
  heading(program, "map_state/entries: M records/s, ratio");
  row(program, "map_state/entries/10-under-each", static_cast<double>(n), ours.wall, smaller.wall);
  row(program, "map_state/entries/memory_store", static_cast<double>(n), ours.wall, memory.wall);
  processor_figures(program, "map_state/entries", static_cast<double>(n), ours);
}

}  // namespace bench
