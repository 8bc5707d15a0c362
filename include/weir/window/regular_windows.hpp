// regular_windows: which windows have a layout of their own.
#pragma once

#include <weir/window/event_time_trigger.hpp>
#include <weir/window/time_window.hpp>

#include <concepts>

namespace weir::detail {

// Known by their numbers alone, with nothing to ask for each record: tables for panes and slices, one session inline. All
// others are kept in the general store.
template <class Assigner, class Trigger>
concept regular_windows =
    std::same_as<Trigger, event_time_trigger> && (aligned_assigner<Assigner> || gap_assigner<Assigner>);

}  // namespace weir::detail
