#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// An assigner of windows that end after a gap without records: each record opens [at, at + gap), and windows of a key
// that touch or overlap are one. Errors: config_error when gap <= 0. See also: Flink, EventTimeSessionWindows
struct session_windows {
  duration gap{};

  void check() const {
    if (gap <= duration::zero())
      throw config_error("weir::session_windows: gap is not positive; give a length of time such as 30min");
  }
};

}  // namespace weir
