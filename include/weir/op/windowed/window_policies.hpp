// window_policies: whether an assigner and a trigger suit the records of a stream.
#pragma once

#include <weir/core/is_view.hpp>
#include <weir/window/evictor.hpp>
#include <weir/window/regular_windows.hpp>
#include <weir/window/time_window.hpp>
#include <weir/window/trigger.hpp>

namespace weir::detail {

// Whether assigner and trigger know what to do with records of V; where they are regular nobody asks them.
template <class Assigner, class Trigger, class V>
struct asked_policies {
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
struct window_policies : asked_policies<Assigner, Trigger, V> {};
template <class Assigner, class Trigger, class V>
  requires regular_windows<Assigner, Trigger>
struct window_policies<Assigner, Trigger, V> {
  static constexpr bool all = true;
};

// With an evictor windows are kept in the general store, which asks them.
template <class Assigner, class Trigger, class Evictor, class V>
struct evicting_policies : asked_policies<Assigner, Trigger, V> {
  static constexpr bool evicts = evictor<Evictor, V>;
  static constexpr bool owned_records = !is_view<V>();
  static constexpr bool all = asked_policies<Assigner, Trigger, V>::all && evicts && owned_records;
};
template <class Assigner, class Trigger, class V>
struct evicting_policies<Assigner, Trigger, no_evictor, V> : window_policies<Assigner, Trigger, V> {
  static constexpr bool evicts = true, owned_records = true;
};

}  // namespace weir::detail
