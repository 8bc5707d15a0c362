#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// An assigner of windows [offset + n*size, offset + (n+1)*size): each record is in exactly one.
// Errors: config_error when size <= 0 or |offset| >= size. See also: Flink, TumblingEventTimeWindows
struct tumbling_windows {
  duration size{};
  duration offset{};

  static constexpr bool merging = false;

  constexpr duration slide_of() const { return size; }
  template <class V, class Emit>
  constexpr void assign(V const&, timestamp at, Emit const& emit) const {
    duration const since = into_interval(at, size, offset);
    emit(time_window{saturating_sub(at, since), saturating_add(at, size - since)});
  }
  void check() const {
    if (size <= duration::zero())
      throw config_error("weir::tumbling_windows: size is not positive; give a length of time such as 10min");
    if (offset >= size || -offset >= size)
      throw config_error(
          "weir::tumbling_windows: offset is not shorter than size; give the rest of a division by size");
  }
};

}  // namespace weir
