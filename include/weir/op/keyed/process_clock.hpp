// process_clock: processing time as a process function has it, and its timers there.
#pragma once

#include <weir/state/lazy_timers.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir::detail {

template <class Runtime>
timestamp processing_time_of(Runtime const& runtime) {
  if constexpr (requires { runtime.processing_time; })
    return runtime.processing_time;  // a test moves it by hand
  else
    return std::chrono::floor<duration>(std::chrono::system_clock::now());
}

// Without timers.
template <class Runtime>
struct no_process_clock {
  Runtime const* runtime;
  no_process_clock(Runtime& r, std::string_view) : runtime(&r) {}
  timestamp now() const { return processing_time_of(*runtime); }
};

// The values of a table are a process_state with processing_timers. A key has one entry, at the first of its timers.
template <class Key, class Runtime>
class process_clock {
 public:
  timestamp watermark = min_time;  // the last that the stage has heard of

  process_clock(Runtime& runtime, std::string_view uid)
      : runtime_(&runtime),
        dropped_(runtime.counters.get(uid, "dropped timers")),
        entries_(std::chrono::seconds{1}) {}

  timestamp now() const { return processing_time_of(*runtime_); }
  // Never later than the first timer.
  timestamp due() const { return entries_.deadline(); }
  // At the end of the input what is set fires, and no more is set. Whether it has not come before.
  bool end() { return !std::exchange(ended_, true); }

  template <class K, class State>
  WEIR_NOINLINE void file(K const& id, State& s, timestamp when) {
    if (ended_) return void(++dropped_);
    auto const at = std::lower_bound(s.at.begin(), s.at.end(), when);
    if (at != s.at.end() && *at == when) return;
    s.at.insert(at, when);
    if (when < s.entry.filed) enter(id, s);
  }
  template <class K, class State>
  WEIR_NOINLINE void unfile(K const& id, State& s, timestamp when) {
    auto const at = std::lower_bound(s.at.begin(), s.at.end(), when);
    if (at == s.at.end() || *at != when) return;
    s.at.erase(at);
    if (s.entry.filed == when) enter(id, s);
  }
  // fire(key, value, when) for each timer up to `now`, in order of time.
  template <class Table, class Fire>
  void advance(timestamp now, Table& table, Fire fire) {
    entries_.advance(
        now,
        [&](Key const& id, timestamp at) {
          auto* const s = table.find(id);
          if (s == nullptr || !s->entry.is_filed_at(at)) return max_time;
          s->entry.file_at(s->processing_due());
          return s->entry.filed;
        },
        [&](Key const& id, timestamp at) {
          auto& s = *table.find(id);
          s.at.erase(s.at.begin());
          enter(id, s);
          fire(id, s, at);
        });
  }
  // After a restore of the table: every value is read.
  template <class Table>
  void restored(Table& table) {
    table.for_each([&](Key const& id, auto const& s) {
      if (!s.at.empty()) entries_.add(s.at.front(), id);
    });
  }

 private:
  template <class K, class State>
  void enter(K const& id, State& s) {
    s.entry.file_at(s.processing_due());
    if (s.entry.filed != max_time) entries_.add(s.entry.filed, Key(id));
  }

  Runtime const* runtime_;
  std::uint64_t& dropped_;
  lazy_timers<Key> entries_;
  bool ended_ = false;
};

}  // namespace weir::detail
