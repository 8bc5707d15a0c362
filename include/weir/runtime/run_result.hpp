#pragma once

#include <weir/runtime/store_metrics.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class outcome {
  finished,         // the input has ended, everything has fired, everything is published
  stopped,          // by a stop token, a signal or job_control; a later run goes on
  already_finished  // the state says that the input had ended before: nothing was processed
};

struct run_result {
  struct count_entry {
    std::string uid;          // of the part; of a side output for "discarded"
    std::string what;         // "out" of a source, "in" of a sink, "late", "malformed", "discarded", ...
    std::uint64_t run = 0;    // in this run
    std::uint64_t total = 0;  // since the first start on this state
  };

  outcome status = outcome::finished;
  std::vector<count_entry> counts;
  std::uint64_t checkpoints = 0;         // commits of this run
  std::uint64_t failed_checkpoints = 0;  // attempts that were tolerated
  std::uint64_t stalls = 0;  // how often records waited for a checkpoint, with lmdb_store::memory full
  std::chrono::nanoseconds stalled{};  // and for how long
  std::uint64_t restarts = 0;          // of this run, by its restart strategy
  std::uint64_t epoch = 0;             // the last commit since the first start; 0 without durable state
  std::chrono::nanoseconds wall_time{};
  std::chrono::nanoseconds recovery_time{};        // from the (last) start to the first poll of the sources
  std::vector<std::chrono::nanoseconds> pauses{};  // how long each checkpoint held up the records
  store_metrics store{};                           // of lmdb_store with checkpoints, at the end

  // How much was counted in this run; 0 where nothing of that name is.
  std::uint64_t count(std::string_view uid, std::string_view what) const {
    for (count_entry const& c : counts)
      if (c.uid == uid && c.what == what) return c.run;
    return 0;
  }
  std::uint64_t total(std::string_view uid, std::string_view what) const {
    for (count_entry const& c : counts)
      if (c.uid == uid && c.what == what) return c.total;
    return 0;
  }
};

}  // namespace weir
