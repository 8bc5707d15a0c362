// Restart strategies: whether, and after how long, a run that has failed goes back to its last checkpoint and on.
#pragma once

#include <weir/core/retries.hpp>
#include <weir/error.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

// What a restart strategy is told.
struct run_failure {
  std::chrono::steady_clock::time_point at;
  std::chrono::nanoseconds ran{};  // from the start, or from the last restart, to the failure
  std::uint64_t count = 1;         // failures of this run, with this one
  std::uint64_t in_place =
      1;  // of these the last ones, since a checkpoint was made: the same input fails again
};

// A strategy is a noun with start(), which gives what decides in one run: called with each failure, it gives how long to
// wait, or nothing: the failure goes to the caller of run. May have check(), which throws config_error.
template <class S>
concept restart_strategy = requires(S const& s, run_failure const& f) {
  { s.start()(f) } -> std::convertible_to<std::optional<std::chrono::nanoseconds>>;
};

// A failure ends the run. The default.
struct no_restart {
  auto start() const {
    return [](run_failure const&) -> std::optional<std::chrono::nanoseconds> { return std::nullopt; };
  }
};

namespace detail {

inline void check_delay(char const* who, std::chrono::nanoseconds delay) {
  if (delay < std::chrono::nanoseconds::zero())
    throw config_error(std::string("weir::") + who +
                       ": the delay is below zero; give a length of time such as 1s");
}

}  // namespace detail

// At most `attempts` restarts in the whole run, each after `delay`.
// Errors: config_error where the delay is below zero.
// Source: Flink's fixed-delay.
struct fixed_delay_restart {
  std::uint64_t attempts = 1;
  std::chrono::nanoseconds delay = std::chrono::seconds{1};

  void check() const { detail::check_delay("fixed_delay_restart", delay); }
  auto start() const {
    return [*this](run_failure const& f) -> std::optional<std::chrono::nanoseconds> {
      if (f.count > attempts) return std::nullopt;
      return delay;
    };
  }
};

// A restart after `delay`, unless there have been more than `failures` within the last `interval`.
// Errors: config_error where the delay is below zero or the interval is not positive.
// Source: Flink's failure-rate.
struct failure_rate_restart {
  std::size_t failures = 1;
  std::chrono::nanoseconds interval = std::chrono::minutes{1};
  std::chrono::nanoseconds delay = std::chrono::seconds{1};

  void check() const {
    detail::check_delay("failure_rate_restart", delay);
    if (interval <= std::chrono::nanoseconds::zero())
      throw config_error(
          "weir::failure_rate_restart: the interval is not positive; give a length of time such as 1min");
  }
  template <class = void>
  auto start() const {
    return [*this, recent = std::vector<std::chrono::steady_clock::time_point>()](
               run_failure const& f) mutable -> std::optional<std::chrono::nanoseconds> {
      recent.push_back(f.at);
      std::erase_if(recent, [&](auto at) { return f.at - at >= interval; });
      if (recent.size() > failures) return std::nullopt;
      return delay;
    };
  }
};

// A restart after a delay that grows by `multiplier` from `initial` to `longest`, and is `initial` again once the run has
// gone well for `reset_after`. Each delay is made longer or shorter at random by up to the part `jitter` of it, so that many
// programs that failed together do not come back together. Input that fails `in_place` times in a row without a checkpoint
// between ends the run: it would fail for ever.
// Errors: config_error where a value makes no sense.
// Source: Flink's exponential-delay.
struct exponential_backoff_restart {
  std::chrono::nanoseconds initial = std::chrono::seconds{1};
  std::chrono::nanoseconds longest = std::chrono::minutes{1};
  double multiplier = 1.5;
  double jitter = 0.1;
  std::chrono::nanoseconds reset_after = std::chrono::hours{1};
  std::uint64_t in_place = 10;
  std::uint64_t seed = detail::seed_by_clock();

  void check() const {
    detail::check_delay("exponential_backoff_restart", initial);
    if (longest < initial || multiplier < 1 || jitter < 0 || jitter > 1)
      throw config_error(
          "weir::exponential_backoff_restart: longest must not be below initial, multiplier be 1 or more, and "
          "jitter "
          "between 0 and 1");
  }
  template <class = void>
  auto start() const {
    return [in_place = in_place, reset_after = reset_after,
            pauses = detail::backoff(initial, longest, multiplier, jitter, seed)](
               run_failure const& f) mutable -> std::optional<std::chrono::nanoseconds> {
      if (f.in_place > in_place) return std::nullopt;
      if (f.ran >= reset_after) pauses.reset();
      return pauses.next();
    };
  }
};

}  // namespace weir
