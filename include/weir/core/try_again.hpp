// try_again: the pause between two tries of what a connector does.
#pragma once

#include <weir/core/retries.hpp>
#include <weir/core/retry_context.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

namespace weir::detail {

// After a failure: whether there is another try, which is after a pause. There is none once the time is spent, over() says so,
// or the run is to stop; a first failure then has a second try at once, since a session may only have been idle for too long.
// A signal wakes nobody, so it looks again and again.
template <class Over>
bool try_again(retry_budget& budget, retry_context* log, std::string_view uid, std::string_view error,
               Over const& over) {
  using clock = std::chrono::steady_clock;
  auto const stopping = [&] { return log != nullptr && log->stopping(); };
  auto const pause = budget.pause();
  if (!pause || over()) return false;
  if (stopping()) return budget.tries() == 1;
  if (log != nullptr) log->add(uid, budget.tries(), *pause, error);
  auto const until = clock::now() + *pause;
  for (auto now = clock::now(); now < until; now = clock::now()) {
    std::this_thread::sleep_for(std::min<clock::duration>(until - now, std::chrono::milliseconds{10}));
    if (stopping() || over()) return false;
  }
  return true;
}
inline bool try_again(retry_budget& budget, retry_context* log, std::string_view uid, std::string_view error) {
  return try_again(budget, log, uid, error, [] { return false; });
}

}  // namespace weir::detail
