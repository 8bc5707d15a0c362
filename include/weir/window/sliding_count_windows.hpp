#pragma once

#include <weir/error.hpp>
#include <weir/window/count_evictor.hpp>
#include <weir/window/count_trigger.hpp>
#include <weir/window/time_window.hpp>

#include <cstdint>

namespace weir {

// An assigner of windows that hold the last `count` records of a key and fire with each slide-th one. It is global_windows with
// count_trigger{slide} and count_evictor{count}: rows have the bounds and the time of those.
// Errors: config_error when count or slide <= 0. See also: count_windows; Flink, KeyedStream.countWindow(size, slide)
struct sliding_count_windows {
  std::int64_t count{};
  std::int64_t slide{};

  static constexpr bool merging = false;
  static constexpr bool timeless = true;

  template <class V, class Emit>
  constexpr void assign(V const&, timestamp, Emit const& emit) const {
    emit(time_window{min_time, max_time});
  }
  constexpr count_trigger own_trigger() const { return {slide}; }
  constexpr count_evictor own_evictor() const { return {count}; }
  void check() const {
    if (count <= 0 || slide <= 0)
      throw config_error(
          "weir::sliding_count_windows: count and slide are not both positive; give numbers such as 100 and "
          "10");
  }
};

}  // namespace weir
