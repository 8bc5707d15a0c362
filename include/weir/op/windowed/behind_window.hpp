// What window stages have in common: what they tell the stage of a function with a context, right behind them (others hear
// nothing), and by which time they are.
#pragma once

#include <weir/op/windowed/window_function.hpp>
#include <weir/time.hpp>

#include <utility>

namespace weir::detail {

// What stands with each window.
template <class Next>
struct window_own_behind {
  using type = no_window_own;
};
template <class Next>
  requires requires { typename Next::window_own; }
struct window_own_behind<Next> {
  using type = typename Next::window_own;
};

// Whether it has to know each window by itself, to its end.
template <class Next>
inline constexpr bool takes_one_by_one = [] {
  if constexpr (requires { Next::one_by_one; })
    return Next::one_by_one;
  else
    return false;
}();
template <class Next>
inline constexpr bool hears_of_end = [] {
  if constexpr (requires { Next::clears; })
    return Next::clears;
  else
    return false;
}();

// The watermark, before the window stage acts on it.
template <class Next>
void tell_watermark(Next& next, timestamp watermark) {
  if constexpr (requires { next.hear(watermark); }) next.hear(watermark);
}
// Its tables stand under the uid of the windows.
template <class Next, class Visit>
void for_each_table_behind(Next& next, Visit& visit) {
  if constexpr (requires { next.for_each_key_table(visit); }) next.for_each_key_table(visit);
}

// For the kind of a stage: state of the one is none of the other.
template <class Spec>
constexpr char const* time_of_windows() {
  if constexpr (requires { requires Spec::by_clock; })
    return " by processing time";
  else
    return "";
}

}  // namespace weir::detail
