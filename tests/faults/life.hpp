// One life of the small job, whose options and whose end a seed chooses.
#pragma once

#include "faults/job.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>

namespace faults_job {

// Batches, checkpoints, the memory of the store, a function of the user that fails now and then, and a signal to itself
// somewhere. false: SIGTERM has stopped it; SIGKILL does not come back.
inline bool live(paths const& p, std::uint64_t seed) {
  using namespace std::chrono_literals;
  std::mt19937_64 random(seed);
  auto const below = [&](std::uint64_t n) { return random() % n; };
  std::uint64_t const ends_at = below(3) == 0 ? 0 : 1 + below(30'000);  // 0: it reads to the end
  int const signal = below(3) == 0 ? SIGTERM : SIGKILL;
  std::uint64_t failures = below(2) == 0 ? below(20) : 0, fails_at = 1 + below(3'000), seen = 0;
  auto const watch = [&](reading const&) {
    if (++seen == ends_at) std::raise(signal), failures = 0;  // a run that is to stop and fails has failed
    if (failures == 0 || seen < fails_at) return;
    --failures;
    fails_at = seen + 1 + below(3'000);
    throw std::runtime_error("the user's function fails");
  };
  weir::lmdb_store store{p.state};
  store.memory = std::size_t{4'096} << below(14);
  weir::periodic_checkpoints const checkpoints{.every = std::chrono::nanoseconds(1 + below(3'000'000))};
  weir::exponential_backoff_restart const again{
      .initial = 1us, .longest = 100us, .in_place = 1'000, .seed = seed};
  auto const result =
      weir::run(pipeline(p, watch), store, checkpoints, weir::exactly_once, again,
                weir::batch_size{static_cast<std::size_t>(1 + below(500))}, weir::stop_on_signal{});
  return result.status != weir::outcome::stopped;
}

}  // namespace faults_job
