// observer: hears what happens to a run while it goes on.
#pragma once

#include <weir/runtime/store_metrics.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir {

// The run is about to read its first record, on new state or on what a commit has left.
struct run_started {
  std::uint64_t epoch = 0;  // of the commit that it goes on from; 0: from the beginning
  std::chrono::nanoseconds recovery_time{};
};
// A checkpoint is durable and its results are visible.
struct checkpoint_completed {
  std::uint64_t epoch = 0;
  std::chrono::nanoseconds pause{};     // how long it held up the records
  std::chrono::nanoseconds duration{};  // from the barrier until the run knew of it
  store_metrics store{};
};
// A checkpoint could not be made durable, and is tolerated: it will be tried again.
struct checkpoint_failed {
  std::uint64_t epoch = 0;
  std::uint64_t in_a_row = 1;
  std::string_view error;
};
// The run has failed, and goes back to its last checkpoint after the delay.
struct run_restarting {
  std::uint64_t failures = 1;  // of this run
  std::uint64_t epoch = 0;     // where it goes on
  std::chrono::nanoseconds delay{};
  std::string_view error;
};
// A source or a sink has failed in a way that may pass, and is tried again after the delay. Told when the run next looks, so that
// it may be over by now.
struct connector_retrying {
  std::string_view uid;
  std::uint64_t tries = 1;  // that have failed, in a row
  std::chrono::nanoseconds delay{};
  std::string_view error;
};
// The run does not begin: the state and the program, or its options, do not fit.
struct run_refused {
  std::string_view error;
};

namespace detail {

template <class F, class... Events>
inline constexpr bool hears_any = (std::invocable<F&, Events const&> || ...);
template <class F>
inline constexpr bool hears_something = hears_any<F, run_started, checkpoint_completed, checkpoint_failed,
                                                  run_restarting, connector_retrying, run_refused>;

// Whether what is told is of use to the policy.
template <class Observer, class Event>
inline constexpr bool hears = false;

}  // namespace detail

// A policy that calls f with each of the events above that it takes, on the thread that processes records, between batches;
// text is valid during the call. What f throws ends the run as if an operator had thrown it.
//
//   weir::observer{[](weir::checkpoint_completed const& c) { ... }}
template <class F>
struct observer {
  static constexpr bool hears_something = detail::hears_something<F>;
  static_assert(hears_something,
                "weir::observer{f}: f takes none of the events of a run: run_started, checkpoint_completed, "
                "checkpoint_failed, run_restarting, connector_retrying, run_refused");
  F f;

  constexpr explicit observer(F fn) : f(std::move(fn)) {}
  template <class Event>
  void operator()(Event const& e) {
    if constexpr (std::invocable<F&, Event const&>) f(e);
  }
};

template <class F, class Event>
inline constexpr bool detail::hears<observer<F>, Event> = std::invocable<F&, Event const&>;

// Nobody listens. The default.
struct no_observer {
  template <class Event>
  void operator()(Event const&) const {}
};

}  // namespace weir
