// store_metrics: what lmdb_store holds, and how often it had to look further than at what has changed.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir {

// Sizes are those of the moment; counts and times are of this run, with its restarts. Everything is 0 with memory_store.
// Where a record finds its key among what has changed since the last checkpoint, nothing is counted: that path is hot.
struct store_metrics {
  struct layer {
    std::uint64_t entries = 0;  // keys, and keys that were erased
    std::uint64_t bytes = 0;    // of memory, about
    bool operator==(layer const&) const = default;
  };

  layer changed{};               // since the last checkpoint
  layer frozen{};                // on its way to the file
  layer clean{};                 // a cache of what the last commit wrote
  std::uint64_t peak_bytes = 0;  // the most that all three took, as seen between batches
  std::uint64_t file_bytes = 0;  // of data.mdb
  // Of a map_state these count looks for its key, not for its entries.
  std::uint64_t memory_answers = 0;  // looks for a key that has not changed, answered from memory
  std::uint64_t file_hits = 0;       // those that read the file, and found it there
  std::uint64_t file_misses = 0;     // those that read the file, and found nothing: the key is new
  std::uint64_t evictions = 0;       // how often the cache was given up, since lmdb_store::memory was full
  std::uint64_t stalls = 0;          // how often records waited for a checkpoint, for the same reason
  std::chrono::nanoseconds stalled{};

  // Of the looks for keys that have not changed, how many memory has answered: from 0 to 1; 1 where there were none.
  double hit_rate() const {
    std::uint64_t const all = memory_answers + file_hits + file_misses;
    return all == 0 ? 1 : static_cast<double>(memory_answers) / static_cast<double>(all);
  }
  bool operator==(store_metrics const&) const = default;
};

}  // namespace weir
