#pragma once

#include <weir/core/call.hpp>
#include <weir/window/time_window.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir {

// An assigner of sessions whose gap each record says: a record opens [at, at + gap_of(record)), and windows of a key that
// touch or overlap are one. gap_of is a member pointer or any function that gives a length of time.
// Errors: config_error when a record comes whose gap is not positive. See also: session_windows; Flink,
// DynamicEventTimeSessionWindows
template <class F>
struct dynamic_session_windows {
  static constexpr bool merging = true;
  F gap_of;

  constexpr explicit dynamic_session_windows(F f) : gap_of(std::move(f)) {}

  template <class V, class Emit>
    requires std::convertible_to<std::invoke_result_t<F const&, V const&>, duration>
  constexpr void assign(V const& record, timestamp at, Emit const& emit) const {
    duration const gap = std::invoke(gap_of, record);
    if (gap <= duration::zero())
      throw config_error(
          "weir::dynamic_session_windows: gap_of(record) gave a gap that is not positive; give a length of "
          "time "
          "such as 30min, or filter such records out");
    emit(time_window{at, saturating_add(at, gap)});
  }
  constexpr void check() const {}
};

}  // namespace weir
