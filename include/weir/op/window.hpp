#pragma once

#include <weir/op/windowed/window_operator.hpp>

namespace weir {

// An operator that divides the records of each key into windows of event time, or of processing time. The function behind it
// says what a window gives.
//
// Input      a stream with a key and event time; with by_processing_time(assigner), and for windows that count and
//            global_windows, also one without; assigner is tumbling_windows, sliding_windows, session_windows,
//            dynamic_session_windows, cumulative_windows, global_windows, count_windows, sliding_count_windows or a model of
//            window_assigner; options: allowed_lateness{d}, late_to<"name"> or late_to<"name">(f);
//            a trigger: event_time_trigger{} (what it is without), count_trigger{n}, continuous_event_time_trigger{d},
//            delta_trigger<V>(threshold, f), end_of_stream_trigger{}, never_trigger{}, processing_time_trigger{},
//            continuous_processing_time_trigger{d}, timeout_trigger(t, d), purging(t), either_trigger(a, b) or a model of
//            trigger;
//            an evictor: count_evictor{n}, time_evictor{d}, delta_evictor(threshold, f), evict_after(e) or a model of evictor
// Output     the same records; aggregate, reduce or process_window follows
// Time       a window [start, end) fires when its trigger says so: without one when the watermark reaches its last instant,
//            end - 1 tick; its rows carry that instant whenever it fires. It takes records until the watermark reaches its
//            last instant and allowed_lateness, and is gone then, with what it holds. A window that holds no record gives
//            no row. On a stream without event time rows have none; for by_processing_time see there
// State      see aggregate; also the state and the timers of a trigger; with an evictor each record and its time
// Ordering   windows fire in order of their timers (of their ends); at one instant in no order of keys
// Errors     "weir::window(assigner): the stream has no key; put key_by(f) before it"
//            "weir::window(assigner): the stream has no event time; put assign_timestamps(f, strategy) before it, or ..."
//            "weir::window(by_processing_time(assigner), options...): by the clock no record is late; leave out ..."
//            "weir::window(assigner, trigger): windows of this assigner merge; the trigger needs on_merge(absorbed state,
//            context)" and the like
//            "weir::window(assigner, trigger): the trigger calls set_processing_timer(at) and has no on_processing_time(at,
//            context)"
//            config_error at the start of the run, when a size is not positive and the like
// Example    examples/docs/window.cpp, assigner.cpp, trigger.cpp, early_late.cpp, clock_trigger.cpp, evictor.cpp,
//            processing_time.cpp
// See also   aggregate, reduce, process_window, window_all, by_processing_time; Flink: KeyedStream.window
inline constexpr detail::window_fn<false> window{};

}  // namespace weir
