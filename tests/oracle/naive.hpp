// What the operators mean, record by record, in std containers: slow, and short enough to be judged by reading.
// It shares nothing with the library. Times are ticks (microseconds since 1970) in 64 bits; the rules cited are
// those of semantics.md, section 0. The graph (nodes, watermarks, merging, sources) is in naive_graph.hpp.
#pragma once

#include "naive_graph.hpp"
#include "naive_streams.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace naive {

// ---- windows ---------------------------------------------------------------------------------------------

// The starts of all windows that hold ts (rule 12), the last one first.
inline std::vector<i64> window_starts(i64 ts, i64 size, i64 slide, i64 offset) {
  std::vector<i64> starts;
  for (i64 start = ts - floor_mod(ts - offset, slide); start > ts - size; start -= slide)
    starts.push_back(start);
  return starts;
}

// What all event-time windows share: firing, cleaning, lateness.
template <class T>
struct windows : op<T, row> {
  outlet<T> late;
  std::function<i64(T const&)> key_of, value_of;
  i64 lateness;
  using id = std::tuple<i64, i64, i64>;     // end, key, start: the order in which they fire
  std::map<id, std::vector<i64>> contents;  // of the live ones: begun and not yet cleaned

  windows(i64 l, std::function<i64(T const&)> k, std::function<i64(T const&)> v)
      : key_of(std::move(k)), value_of(std::move(v)), lateness(l) {}

 protected:
  bool is_late(i64 end) const {
    return plus(end - 1, lateness) <= this->watermark;
  }  // rule 7: asked per window
  void add(i64 key, i64 start, i64 end, i64 value) {
    contents[{end, key, start}].push_back(value);
    if (end - 1 <= this->watermark) fire(end, key, start);  // rule 8: its time has passed: at once, accumulated
  }
  void fire(i64 end, i64 key, i64 start) {
    this->out.emit({key, start, end, contents.at({end, key, start})}, end - 1);  // rule 3
  }
  void skipped(T const& value, i64 ts) {  // by all its windows
    if (plus(ts, lateness) <= this->watermark) late.emit(value, ts);
  }
  void act(i64 now) override {
    std::vector<id> ended;
    for (auto const& [window, elements] : contents)
      if (std::get<0>(window) - 1 <= now) ended.push_back(window);
    for (auto const& [end, key, start] : ended)
      if (end - 1 > this->watermark) fire(end, key, start);  // else it fired before
    for (id const& window : ended)
      if (plus(std::get<0>(window) - 1, lateness) <= now) contents.erase(window);
  }
  void pass_on(i64 now) override {
    this->out.advance(now);
    late.advance(now);
  }
};

// Tumbling and sliding windows.
template <class T>
struct aligned_windows : windows<T> {
  i64 size, slide, offset;
  aligned_windows(i64 sz, i64 sl, i64 off, i64 late_by, std::function<i64(T const&)> k,
                  std::function<i64(T const&)> v)
      : windows<T>(late_by, std::move(k), std::move(v)), size(sz), slide(sl), offset(off) {}
  void on(T const& value, i64 ts) override {
    bool taken = false;
    for (i64 start : window_starts(ts, size, slide, offset)) {
      if (this->is_late(start + size)) continue;
      taken = true;
      this->add(this->key_of(value), start, start + size, this->value_of(value));
    }
    if (!taken) this->skipped(value, ts);
  }
};
template <class T>
struct tumbling : aligned_windows<T> {
  tumbling(i64 sz, i64 off, i64 late_by, std::function<i64(T const&)> k, std::function<i64(T const&)> v)
      : aligned_windows<T>(sz, sz, off, late_by, std::move(k), std::move(v)) {}
};
template <class T>
struct sliding : aligned_windows<T> {
  using aligned_windows<T>::aligned_windows;
};

// Sessions: [ts, ts + gap), joined with every live session of the key that it meets or touches (rule 9), and
// only then asked whether it is late (rule 10). A session that has fired and is not yet cleaned is live.
template <class T>
struct sessions : windows<T> {
  i64 gap;
  sessions(i64 g, i64 late_by, std::function<i64(T const&)> k, std::function<i64(T const&)> v)
      : windows<T>(late_by, std::move(k), std::move(v)), gap(g) {}
  void on(T const& value, i64 ts) override {
    i64 const key = this->key_of(value);
    i64 start = ts, end = ts + gap;
    std::vector<i64> elements;
    std::vector<typename windows<T>::id> parts;
    for (auto const& [window, held] : this->contents) {
      auto const [its_end, its_key, its_start] = window;
      if (its_key != key || its_start > ts + gap || its_end < ts) continue;
      start = std::min(start, its_start);
      end = std::max(end, its_end);
      elements.insert(elements.end(), held.begin(), held.end());
      parts.push_back(window);
    }
    if (this->is_late(end)) return this->skipped(value, ts);
    for (auto const& window : parts) this->contents.erase(window);  // rule 11: they fire no more by themselves
    this->contents[{end, key, start}] = elements;
    this->add(key, start, end, this->value_of(value));
  }
};

// ---- keyed process ---------------------------------------------------------------------------------------

// State of one key: one of each kind, under the kind's own name.
struct keyed_state {
  std::optional<i64> value;
  std::vector<i64> list;
  std::map<i64, i64> map;
};

template <class In, class Out, class State = keyed_state>
struct process : op<In, Out> {
  struct context {
    process& all;
    i64 key, timestamp, watermark;  // timestamp: the record's or the timer's; all that is emitted carries it
    State& state() const { return all.states[key]; }
    void emit(Out const& o) const { all.out.emit(o, timestamp); }
    void set_timer(i64 t) const { all.timers.insert({t, key}); }  // rule 6: a set
    void delete_timer(i64 t) const { all.timers.erase({t, key}); }
  };
  std::function<i64(In const&)> key_of;
  std::function<void(context const&, In const&)> on_record;
  std::function<void(context const&, i64)> on_timer;
  std::map<i64, State> states;
  std::set<std::pair<i64, i64>> timers;  // (time, key): the order in which they fire

  process(std::function<i64(In const&)> k, std::function<void(context const&, In const&)> record,
          std::function<void(context const&, i64)> timer = {})
      : key_of(std::move(k)), on_record(std::move(record)), on_timer(std::move(timer)) {}

  // A timer set here at or behind the watermark is not looked at before the next advance (rule 5).
  void on(In const& value, i64 ts) override {
    on_record(context{*this, key_of(value), ts, this->watermark}, value);
  }

 protected:
  // The smallest first, until none is due: one set by on_timer at or behind `now` fires in this same advance.
  void act(i64 now) override {
    while (!timers.empty() && timers.begin()->first <= now) {
      auto const [t, key] = *timers.begin();
      timers.erase(timers.begin());
      if (on_timer) on_timer(context{*this, key, t, now}, t);
    }
  }
};

}  // namespace naive
