// Processing time in a run: stages hear of it between batches.
#pragma once

#include <weir/time.hpp>

#include <algorithm>
#include <chrono>

namespace weir::detail {

// Timers that are due fire.
template <class Root>
void tell_time(Root& root) {
  root.visit([](auto& stage) {
    if constexpr (requires { stage.look_at_clock(); }) stage.look_at_clock();
  });
}

// `limit`, or when the first timer is due where that comes before it: no poll waits longer.
template <class Root>
std::chrono::steady_clock::time_point until_next_timer(Root& root,
                                                       std::chrono::steady_clock::time_point limit) {
  timestamp due = max_time;
  root.visit([&](auto& stage) {
    if constexpr (requires { stage.clock_deadline(); }) due = earlier(due, stage.clock_deadline());
  });
  if (due == max_time) return limit;
  auto const wait = std::clamp(due - std::chrono::floor<duration>(std::chrono::system_clock::now()),
                               duration::zero(), duration{std::chrono::hours{1}});
  return std::min(limit, std::chrono::steady_clock::now() + wait);
}

}  // namespace weir::detail
