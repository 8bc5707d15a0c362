// unread_timers: the timers that an operator had when it was opened, read as time comes to them.
#pragma once

#include <weir/config.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir::detail {

// Whoever sets a timer has it in memory; those that only the store knows are read in stretches of time. What is read is a
// hint, as in lazy_timers: the timer may have been moved since, or be in memory too. It goes on while the store has any
// behind those read: who came in from the store without a hint may have moved its timer to there.
class unread_timers {
 public:
  // width: of the first stretch. Each is then made as long as has timers enough to look at every key group for them.
  explicit unread_timers(duration width) : span_(std::max(width, tick)) {}

  // Finds where the first one is.
  template <class Backend>
  WEIR_COLD void open(Backend& backend, std::uint32_t operator_id) {
    first_ = max_time;
    for (auto const& [group, at] : backend.first_timers(operator_id)) first_ = earlier(first_, at);
  }
  // The time of the first one; max_time: there are no more.
  timestamp first() const { return first_; }
  // Whether there is one up to now.
  bool holds(timestamp now) const { return first_ <= now && first_ != max_time; }
  // Reads a stretch, from first() on: f(time, key bytes) for each timer in it. Returns how many.
  template <class Backend, class F>
  WEIR_COLD std::size_t read(Backend& backend, std::uint32_t operator_id, F f) {
    std::size_t count = 0;
    timestamp const end = saturating_add(first_, span_);
    first_ = backend.read_timers(operator_id, first_, end, [&](timestamp at, std::string_view key_bytes) {
      ++count;
      f(at, key_bytes);
    });
    if (count < enough) span_ = std::min(4 * span_, duration::max() / 8);
    if (count > 16 * enough) span_ = std::max(span_ / 4, tick);
    return count;
  }

 private:
  static constexpr std::size_t enough = 1024;

  timestamp first_ = max_time;
  duration span_;
};

}  // namespace weir::detail
