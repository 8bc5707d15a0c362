// When a run makes checkpoints, and what they promise.
#pragma once

#include <weir/error.hpp>

#include <chrono>
#include <concepts>

namespace weir {

// State is not saved while the run goes on, and not at its end.
struct no_checkpoints {
  static constexpr bool makes_checkpoints = false;
};

// A checkpoint each `every` (wall clock), while the one before is written already; and one at the end of the run.
// Errors: config_error when `every` is not positive.
struct periodic_checkpoints {
  static constexpr bool makes_checkpoints = true;
  std::chrono::nanoseconds every = std::chrono::seconds{10};

  void check() const {
    if (every <= std::chrono::nanoseconds::zero())
      throw config_error(
          "weir::periodic_checkpoints: every is not positive; give a length of time such as 10s");
  }
};

// What is counted, stored and written is as if each record had been processed once, whatever fails.
struct exactly_once_t {};
inline constexpr exactly_once_t exactly_once{};
// State is as with exactly_once; sinks write at once, so that after a failure some results are there twice.
struct at_least_once_t {};
inline constexpr at_least_once_t at_least_once{};

}  // namespace weir
