#pragma once

#include <weir/op/windowed/window_operator.hpp>

namespace weir {

// An operator that divides all records of a stream into windows of event time, whatever key they have: window without a key.
//
// Input      a stream with event time, or without where window needs none; assigner and options as of window
// Output     the same records; aggregate, reduce or process_window follows. A row begins with window_start and has no column
//            key; the keyed_window that process_window gives to its function has an empty one
// Time       as of window
// State      as of window, for one key
// Ordering   as of window
// Errors     "weir::window_all(assigner): the stream has no event time; put assign_timestamps(f, strategy) before it"
//            and as of window
// Example    examples/docs/window_all.cpp
// See also   window; Flink: DataStream.windowAll
inline constexpr detail::window_fn<true> window_all{};

}  // namespace weir
