#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// An assigner of windows that grow by step up to size, and begin anew: [start, start + step), [start, start + 2*step), ...,
// [start, start + size), for each start = offset + n*size. A record is in all of them that it lies in, the shortest first.
// Errors: config_error when size or step <= 0, |offset| >= size, size is no multiple of step or size / step > 10,000,000.
// See also: Flink SQL, CUMULATE
struct cumulative_windows {
  duration size{};
  duration step{};
  duration offset{};

  static constexpr bool merging = false;

  template <class V, class Emit>
  constexpr void assign(V const&, timestamp at, Emit const& emit) const {
    duration const since = into_interval(at, size, offset);
    timestamp const start = saturating_sub(at, since);
    for (duration length = since - since % step + step; length <= size; length += step)
      emit(time_window{start, saturating_add(at, length - since)});
  }
  void check() const {
    if (size <= duration::zero() || step <= duration::zero())
      throw config_error(
          "weir::cumulative_windows: size and step are not both positive; give lengths of time such as 1h, "
          "5min");
    if (size % step != duration::zero())
      throw config_error(
          "weir::cumulative_windows: size is no multiple of step; give such as 1h and 5min, so that the last "
          "step ends the window");
    if (offset >= size || -offset >= size)
      throw config_error(
          "weir::cumulative_windows: offset is not shorter than size; give the rest of a division by size");
    if (size / step > 10'000'000)
      throw config_error(
          "weir::cumulative_windows: a record would be in more than 10,000,000 windows; give a longer step");
  }
};

}  // namespace weir
