// When a run makes checkpoints, and what they promise.
#pragma once

#include <weir/error.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>

namespace weir {

// State is not saved while the run goes on, and not at its end.
struct no_checkpoints {
  static constexpr bool makes_checkpoints = false;
};

// Checkpoints while the run goes on, and one at its end. One at a time: what is due while another is being written comes
// after it; records go on meanwhile.
//
// every               wall clock time from one to the next
// min_pause           at least this long from the moment that one is durable to the next
// timeout             one that is not durable by then counts as failed; it is still waited for, since nothing else can be
//                     saved before
// tolerable_failures  so many in a row do not end the run: what could not be written for want of space is tried again after
//                     `every`. Other failures of a store end the run at once: what is on the disk is in doubt until the
//                     state directory is opened again
// Errors: config_error where a value makes no sense.
struct periodic_checkpoints {
  static constexpr bool makes_checkpoints = true;
  std::chrono::nanoseconds every = std::chrono::seconds{10};
  std::chrono::nanoseconds min_pause{};
  std::chrono::nanoseconds timeout = std::chrono::minutes{10};
  std::uint64_t tolerable_failures = 0;

  void check() const {
    if (every <= std::chrono::nanoseconds::zero())
      throw config_error(
          "weir::periodic_checkpoints: every is not positive; give a length of time such as 10s");
    if (min_pause < std::chrono::nanoseconds::zero())
      throw config_error(
          "weir::periodic_checkpoints: min_pause is below zero; give a length of time such as 1s");
    if (timeout <= std::chrono::nanoseconds::zero())
      throw config_error(
          "weir::periodic_checkpoints: timeout is not positive; give a length of time such as 10min");
  }
};

// What is counted, stored and written is as if each record had been processed once, whatever fails.
struct exactly_once_t {};
inline constexpr exactly_once_t exactly_once{};
// State is as with exactly_once; sinks write at once, so that after a failure some results are there twice.
struct at_least_once_t {};
inline constexpr at_least_once_t at_least_once{};

}  // namespace weir
