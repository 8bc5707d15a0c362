// general_state: the windows of one key with any assigner and any trigger, what a trigger sees of them, and how they are
// stored.
#pragma once

#include <weir/op/keyed/process_clock.hpp>
#include <weir/op/windowed/window_function.hpp>
#include <weir/record.hpp>
#include <weir/state/key_timer.hpp>
#include <weir/state/state_format.hpp>
#include <weir/time.hpp>
#include <weir/window/time_window.hpp>
#include <weir/window/trigger.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// Timers of processing time: those of a window, and of all windows of a key as process_clock knows them.
template <bool>
struct window_clock_timers {
  std::vector<timestamp> clock_timers;
};
template <>
struct window_clock_timers<false> {};
template <bool>
struct key_clock_timers {
  std::vector<timestamp> at;
  key_timer<true> entry;
  timestamp processing_due() const { return at.empty() ? max_time : at.front(); }
};
template <>
struct key_clock_timers<false> {};

// What a function behind the window keeps for it.
template <class Own>
struct window_own_part {
  Own own{};
};
template <>
struct window_own_part<no_window_own> {};

template <class Acc, class State, bool Clock, class Own>
struct general_window : window_clock_timers<Clock>, window_own_part<Own> {
  time_window bounds;
  bool holds = false;             // a record that has not been purged
  Acc acc;                        // zero where it holds none
  State state{};                  // the trigger's
  std::vector<timestamp> timers;  // the trigger's: a set, in order

  general_window(time_window w, Acc zero) : bounds(w), acc(std::move(zero)) {}

  // When it can change no more; max_time: never.
  timestamp cleanup(duration lateness) const { return saturating_add(bounds.last(), lateness); }
  timestamp due(duration lateness) const {
    return timers.empty() ? cleanup(lateness) : std::min(timers.front(), cleanup(lateness));
  }
  bool is_before(time_window w) const {
    return bounds.start != w.start ? bounds.start < w.start : bounds.end < w.end;
  }
};

// For triggers that have no timers of processing time.
template <class Runtime>
struct no_window_clock {
  static constexpr bool timers = false;
  Runtime const* runtime;
  timestamp now() const { return processing_time_of(*runtime); }
};

// What a trigger hears of the window and the record or timer at hand.
template <class Window, class State, class Clock>
class general_context {
 public:
  general_context(Window& w, event t, Clock const& c) : window_(&w), time_(t), clock_(c) {}

  time_window window() const { return window_->bounds; }
  timestamp time() const { return time_.at; }
  timestamp watermark() const { return time_.watermark; }
  State& state() const { return window_->state; }
  void set_timer(timestamp when) const {
    when = within_time(when);
    auto const at = std::lower_bound(window_->timers.begin(), window_->timers.end(), when);
    if (at == window_->timers.end() || *at != when) window_->timers.insert(at, when);
  }
  void delete_timer(timestamp when) const {
    when = within_time(when);
    auto const at = std::lower_bound(window_->timers.begin(), window_->timers.end(), when);
    if (at != window_->timers.end() && *at == when) window_->timers.erase(at);
  }
  timestamp processing_time() const { return clock_.now(); }
  void set_processing_timer(timestamp when) const {
    if constexpr (Clock::timers) clock_.set(*window_, within_time(when));  // others have been refused already
  }
  void delete_processing_timer(timestamp when) const {
    if constexpr (Clock::timers) clock_.remove(*window_, within_time(when));
  }

 private:
  // max_time stands for no timer: one for the end of time is a tick before it, and fires at the end of the input.
  static timestamp within_time(timestamp when) { return std::min(when, max_time - tick); }

  Window* window_;
  event time_;
  [[no_unique_address]] Clock clock_;
};

// In the order of their starts, then of their ends.
template <class Acc, class State, bool Durable, bool Clock, class Own = no_window_own>
struct general_state : key_timer<Durable>, key_clock_timers<Clock> {
  using window = general_window<Acc, State, Clock, Own>;

  std::vector<window> windows;

  timestamp due(duration lateness) const {
    timestamp first = max_time;
    for (window const& w : windows) first = std::min(first, w.due(lateness));
    return first;
  }
  // After a restore: the timers of all windows.
  void loaded_clock() {
    if constexpr (Clock) {
      for (window const& w : windows)
        this->at.insert(this->at.end(), w.clock_timers.begin(), w.clock_timers.end());
      std::sort(this->at.begin(), this->at.end());
      this->at.erase(std::unique(this->at.begin(), this->at.end()), this->at.end());
      this->entry.loaded(this->processing_due());
    }
  }
};

// One state: the key's windows one after the other, each bounds, whether it holds a record, accumulator, state and timers of the
// trigger, in event time and then in processing time where it has those, and what the function behind keeps for it.
template <class Acc, class State, bool Durable, bool Clock, class Own = no_window_own>
struct general_format {
  using value = general_state<Acc, State, Durable, Clock, Own>;
  using window = typename value::window;
  static constexpr bool has_state = !std::same_as<State, no_trigger_state>;
  static constexpr bool has_own = !std::same_as<Own, no_window_own>;
  using times = std::vector<timestamp>;
  template <class... More>
  using element_with =
      std::conditional_t<has_state, std::tuple<timestamp, timestamp, bool, Acc, State, times, More...>,
                         std::tuple<timestamp, timestamp, bool, Acc, times, More...>>;
  template <class... More>
  using element_and = std::conditional_t<Clock, element_with<times, More...>, element_with<More...>>;
  using element = std::conditional_t<has_own, element_and<Own>, element_and<>>;
  duration lateness;

  static constexpr std::size_t parts = 1;
  static constexpr bool timers = true;
  std::array<state_declaration, 1> declare() const {
    return {{{"windows", state_kind::sequence, codec<element>::schema(), &facts_of<element>}}};
  }
  template <class Out>
  void save(value const& v, bool alive, Out& out) const {
    v.save_timer(alive ? v.due(lateness) : max_time, out);
    if (!alive) return out.erase(0);
    std::string& bytes = out.scratch();
    for (window const& w : v.windows) {
      codec<timestamp>::encode(w.bounds.start, bytes);
      codec<timestamp>::encode(w.bounds.end, bytes);
      codec<bool>::encode(w.holds, bytes);
      codec<Acc>::encode(w.acc, bytes);
      if constexpr (has_state) codec<State>::encode(w.state, bytes);
      codec<times>::encode(w.timers, bytes);
      if constexpr (Clock) codec<times>::encode(w.clock_timers, bytes);
      if constexpr (has_own) codec<Own>::encode(w.own, bytes);
    }
    out.put(0, bytes);
  }
  template <class In>
  bool load(value& v, In& in) const {
    auto const bytes = in.get(0);
    if (!bytes) return false;
    byte_reader from(*bytes, &codec<Acc>::schema);
    while (from.remaining() > 0) {
      window& w = v.windows.emplace_back(time_window{}, Acc{});
      codec<timestamp>::decode(from, w.bounds.start);
      codec<timestamp>::decode(from, w.bounds.end);
      codec<bool>::decode(from, w.holds);
      codec<Acc>::decode(from, w.acc);
      if constexpr (has_state) codec<State>::decode(from, w.state);
      codec<times>::decode(from, w.timers);
      if constexpr (Clock) codec<times>::decode(from, w.clock_timers);
      if constexpr (has_own) codec<Own>::decode(from, w.own);
    }
    v.loaded_clock();
    v.loaded(v.due(lateness));
    return true;
  }
  void rebase(value& v) const { v.saved(v.due(lateness)); }
  void revive(value const& erased, value& fresh) const { fresh.revived(erased); }
};

}  // namespace weir::detail
