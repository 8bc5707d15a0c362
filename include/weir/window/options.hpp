// What window(assigner, ...) takes besides the assigner.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/error.hpp>
#include <weir/time.hpp>

namespace weir {

// A window takes records for this long after it has fired; each makes it fire again, at once, with all it holds.
// Without it a window is gone when it has fired. Errors: config_error when negative.
struct allowed_lateness {
  duration value{};

  void check() const {
    if (value < duration::zero())
      throw config_error("weir::allowed_lateness: the value is negative; give zero or a length of time such as 1min");
  }
};

// Late records, those whose windows are all gone, go to the side output of this name. They are counted in any case.
template <fixed_string Name>
struct late_to_t {
  static constexpr auto name = Name;
};
template <fixed_string Name>
inline constexpr late_to_t<Name> late_to{};

}  // namespace weir
