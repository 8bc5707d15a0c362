// window_policies: whether an assigner and a trigger suit the records of a stream.
#pragma once

#include <weir/core/is_view.hpp>
#include <weir/window/regular_windows.hpp>
#include <weir/window/time_window.hpp>
#include <weir/window/trigger.hpp>

namespace weir::detail {

// Whether assigner and trigger know what to do with records of V; where they are regular nobody asks them.
template <class Assigner, class Trigger, class V>
struct window_policies {
  static constexpr bool assigns = window_assigner<Assigner, V>;
  static constexpr bool triggers = trigger<Trigger, V>;
  static constexpr bool merges = [] {
    if constexpr (assigns) return !Assigner::merging || merging_trigger<Trigger>;
    return true;
  }();
  static constexpr bool owned = !is_view<trigger_state_t<Trigger>>();
  static constexpr bool all = assigns && triggers && merges && owned;
};
template <class Assigner, class Trigger, class V>
  requires regular_windows<Assigner, Trigger>
struct window_policies<Assigner, Trigger, V> {
  static constexpr bool all = true;
};

}  // namespace weir::detail
