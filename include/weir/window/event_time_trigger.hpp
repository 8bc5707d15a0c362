// Triggers: when a window gives a result.
#pragma once

#include <weir/record.hpp>
#include <weir/window/time_window.hpp>

#include <concepts>

namespace weir {

enum class trigger_result { proceed, fire, purge, fire_and_purge };

// What a trigger is asked. on_element: a record has been added. on_event_time: the watermark has reached `at`, an instant
// that the trigger asked for by next(window, watermark), max_time for none. Times are event time.
template <class T>
concept trigger = requires(T const& t, time_window w, timestamp at) {
  { t.on_element(w, at) } -> std::same_as<trigger_result>;
  { t.on_event_time(w, at) } -> std::same_as<trigger_result>;
  { t.next(w, at) } -> std::same_as<timestamp>;
};

// The trigger that windows have unless told otherwise: fires when the watermark reaches the window's last instant, and at
// once for each record that comes after that. See also: Flink, EventTimeTrigger
struct event_time_trigger {
  constexpr trigger_result on_element(time_window w, timestamp watermark) const {
    return w.last() <= watermark ? trigger_result::fire : trigger_result::proceed;
  }
  constexpr trigger_result on_event_time(time_window w, timestamp at) const {
    return at == w.last() ? trigger_result::fire : trigger_result::proceed;
  }
  constexpr timestamp next(time_window w, timestamp watermark) const {
    return w.last() > watermark ? w.last() : max_time;
  }
};

}  // namespace weir
