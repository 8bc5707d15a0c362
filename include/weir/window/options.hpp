// What window(assigner, ...) takes besides the assigner.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/error.hpp>
#include <weir/time.hpp>

#include <utility>

namespace weir {

// A window takes records for this long after it has fired; each makes it fire again, at once, with all it holds.
// Without it a window is gone when it has fired. Errors: config_error when negative.
struct allowed_lateness {
  duration value{};

  void check() const {
    if (value < duration::zero())
      throw config_error(
          "weir::allowed_lateness: the value is negative; give zero or a length of time such as 1min");
  }
};

// late_to<"name">(f): what goes to the side output is f(record).
template <fixed_string Name, class F>
struct late_mapped {
  F f;
};

// Late records, those whose windows are all gone, go to the side output of this name. They are counted in any case.
template <fixed_string Name>
struct late_to_t {
  template <class F>
  constexpr late_mapped<Name, F> operator()(F f) const {
    return {std::move(f)};
  }
};
template <fixed_string Name>
inline constexpr late_to_t<Name> late_to{};

}  // namespace weir
