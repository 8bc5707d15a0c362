#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>
#include <weir/window/trigger.hpp>

#include <algorithm>
#include <optional>

namespace weir {

// A trigger that shows what a window holds so far: it fires at each multiple of `every` (since 1970) behind the window's
// first record, at the window's last instant, and at once for each record that comes after that.
// Errors: config_error when every <= 0. See also: Flink, ContinuousEventTimeTrigger
struct continuous_event_time_trigger {
  duration every{};

  using state = std::optional<timestamp>;  // the next multiple; none before the first record

  void check() const {
    if (every <= duration::zero())
      throw config_error(
          "weir::continuous_event_time_trigger: every is not positive; give a length of time such as 10s");
  }
  template <class V, class C>
  constexpr trigger_result on_element(V const&, C& context) const {
    if (context.window().last() <= context.watermark()) return trigger_result::fire;
    if (!context.state()) {
      context.state() = next_on_grid(context.time(), every);
      set_timers(context);
    }
    return trigger_result::proceed;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    if (at == context.window().last()) return trigger_result::fire;
    if (context.state() != at) return trigger_result::proceed;
    timestamp const next = next_on_grid(at, every);
    context.state() = next;
    // Each multiple that the watermark has jumped over, too. A window without end has them for ever: with the input they stop.
    bool const endless = context.window().end == max_time && context.watermark() == max_time;
    if (next < context.window().last() && !endless) context.set_timer(next);
    return trigger_result::fire;
  }
  template <class C>
  constexpr void on_merge(state const& absorbed, C& context) const {
    if (absorbed) {
      if (context.state()) context.delete_timer(*context.state());
      context.state() = std::min(context.state().value_or(max_time), *absorbed);
    }
    set_timers(context);
  }

 private:
  // A window whose end has passed waits for nothing more.
  template <class C>
  constexpr void set_timers(C& context) const {
    timestamp const last = context.window().last();
    if (last <= context.watermark()) return;
    if (context.state() && *context.state() < last) context.set_timer(*context.state());
    context.set_timer(last);
  }
};

}  // namespace weir
