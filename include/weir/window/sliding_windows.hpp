#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// An assigner of windows [offset + n*slide, offset + n*slide + size): each record is in size / slide of them.
// Errors: config_error when size or slide <= 0, slide > size, |offset| >= slide or size / slide > 10,000,000.
// See also: Flink, SlidingEventTimeWindows; "hopping windows" in SQL
struct sliding_windows {
  duration size{};
  duration slide{};
  duration offset{};

  static constexpr bool merging = false;

  constexpr duration slide_of() const { return slide; }
  // The last one first.
  template <class V, class Emit>
  constexpr void assign(V const&, timestamp at, Emit const& emit) const {
    for (duration left = size - into_interval(at, slide, offset); left > duration::zero(); left -= slide)
      emit(time_window{saturating_sub(at, size - left), saturating_add(at, left)});
  }
  void check() const {
    if (size <= duration::zero() || slide <= duration::zero())
      throw config_error(
          "weir::sliding_windows: size and slide are not both positive; give lengths of time such as 1h, 5min");
    if (slide > size)
      throw config_error(
          "weir::sliding_windows: slide is longer than size: records between windows would be lost; "
          "filter them out and use tumbling_windows of the slide");
    if (offset >= slide || -offset >= slide)
      throw config_error(
          "weir::sliding_windows: offset is not shorter than slide; give the rest of a division by slide");
    if (size / slide > 10'000'000)
      throw config_error(
          "weir::sliding_windows: a record would be in more than 10,000,000 windows; give a longer slide");
  }
};

}  // namespace weir
