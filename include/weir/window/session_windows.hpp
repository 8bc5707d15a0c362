#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// An assigner of windows that end after a gap without records: each record opens [at, at + gap), and windows of a key
// that touch or overlap are one. Errors: config_error when gap <= 0. See also: Flink, EventTimeSessionWindows
struct session_windows {
  duration gap{};

  static constexpr bool merging = true;

  constexpr duration gap_of() const { return gap; }
  template <class V, class Emit>
  constexpr void assign(V const&, timestamp at, Emit const& emit) const {
    emit(time_window{at, saturating_add(at, gap)});
  }
  void check() const {
    if (gap <= duration::zero())
      throw config_error("weir::session_windows: gap is not positive; give a length of time such as 30min");
  }
};

}  // namespace weir
