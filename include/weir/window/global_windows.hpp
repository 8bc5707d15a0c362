#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// An assigner of one window for all records of a key, [min_time, max_time). It goes when the input ends, and fires only when a
// trigger says so, which it must have. See also: Flink, GlobalWindows
struct global_windows {
  static constexpr bool merging = false;
  static constexpr bool timeless = true;
  static constexpr bool endless = true;

  template <class V, class Emit>
  constexpr void assign(V const&, timestamp, Emit const& emit) const {
    emit(time_window{min_time, max_time});
  }
  constexpr void check() const {}
};

}  // namespace weir
