#pragma once

#include <weir/error.hpp>
#include <weir/window/half_context.hpp>

#include <optional>
#include <utility>

namespace weir {
namespace detail {

// Fires once when the clock says that `after` has passed since it was set.
struct timeout_clock {
  using state = std::optional<timestamp>;
  duration after{};

  template <class C>
  void start(C& context) const {
    if (!context.state()) set(context, saturating_add(context.processing_time(), after));
  }
  template <class C>
  void stop(C& context) const {
    if (context.state()) context.delete_processing_timer(*context.state());
    context.state().reset();
  }
  template <class C>
  trigger_result on_event_time(timestamp, C&) const {
    return trigger_result::proceed;
  }
  template <class C>
  void on_merge(state const& absorbed, C& context) const {
    if (!absorbed || (context.state() && *context.state() <= *absorbed)) return;
    stop(context);
    set(context, *absorbed);
  }

 private:
  template <class C>
  static void set(C& context, timestamp when) {
    context.state() = when;
    context.set_processing_timer(when);
  }
};

}  // namespace detail

// A trigger that does not wait for ever: timeout_trigger(t, d) fires when t does, and when the clock says that d has passed since
// the first record that no result has shown. When d has passed, t begins anew: its state and its timers are cleared, but for one
// at the window's last instant. See also: Flink, ProcessingTimeoutTrigger.
// Errors: config_error when d <= 0
template <detail::trigger_like Trigger>
struct timeout_trigger {
  using both = detail::two_triggers<Trigger, detail::timeout_clock>;
  using state = typename both::state;

  Trigger trigger;
  detail::timeout_clock timeout;

  constexpr timeout_trigger(Trigger t, duration after) : trigger(std::move(t)), timeout{after} {}

  void check() const {
    if (timeout.after <= duration::zero())
      throw config_error(
          "weir::timeout_trigger: the time is not positive; give a length of time such as timeout_trigger(t, "
          "10s)");
    detail::check_trigger(trigger);
  }
  template <class V, class C>
    requires weir::trigger<Trigger, V>
  constexpr trigger_result on_element(V const& record, C& context) const {
    auto a = both::first_of(context);
    auto b = both::second_of(context);
    trigger_result const r = trigger.on_element(record, a);
    if (fires(r) || purges(r))
      timeout.stop(b);
    else
      timeout.start(b);
    return r;
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    auto const none = [](auto&) { return trigger_result::proceed; };
    trigger_result const r = both::template on_timer<1>(
        at, context, [&](auto& c) { return trigger.on_event_time(at, c); }, none);
    return stopped_by(r, context);
  }
  template <class C>
  constexpr trigger_result on_processing_time(timestamp at, C& context) const {
    trigger_result const r = both::template on_timer<2>(
        at, context, [&](auto& c) { return detail::on_clock(trigger, at, c); },
        [&](auto& c) {
          c.state().reset();
          auto a = both::first_of(context);
          detail::clear_trigger(trigger, a);
          return trigger_result::fire;
        });
    return stopped_by(r, context);
  }
  template <class C>
    requires merging_trigger<Trigger>
  constexpr void on_merge(state const& absorbed, C& context) const {
    both::on_merge(trigger, timeout, absorbed, context);
  }
  // Inside of another timeout_trigger, when that has fired.
  template <class C>
  constexpr void clear(C& context) const {
    auto a = both::first_of(context);
    auto b = both::second_of(context);
    detail::clear_trigger(trigger, a);
    timeout.stop(b);
  }

 private:
  template <class C>
  constexpr trigger_result stopped_by(trigger_result r, C& context) const {
    if (!fires(r) && !purges(r)) return r;
    auto b = both::second_of(context);
    timeout.stop(b);
    return r;
  }
};

}  // namespace weir
