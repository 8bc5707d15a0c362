#pragma once

#include <weir/error.hpp>
#include <weir/window/count_trigger.hpp>
#include <weir/window/purging.hpp>
#include <weir/window/time_window.hpp>

#include <cstdint>

namespace weir {

// An assigner of windows that hold `count` records of a key each, and fire when they are full; what is left when the input
// ends gives no result. It is global_windows with purging(count_trigger{count}): rows have the bounds and the time of those.
// Errors: config_error when count <= 0. See also: sliding_count_windows; Flink, KeyedStream.countWindow(size)
struct count_windows {
  std::int64_t count{};

  static constexpr bool merging = false;
  static constexpr bool timeless = true;

  template <class V, class Emit>
  constexpr void assign(V const&, timestamp, Emit const& emit) const {
    emit(time_window{min_time, max_time});
  }
  constexpr auto own_trigger() const { return purging(count_trigger{count}); }
  void check() const {
    if (count <= 0) throw config_error("weir::count_windows: count is not positive; give a number such as 100");
  }
};

}  // namespace weir
