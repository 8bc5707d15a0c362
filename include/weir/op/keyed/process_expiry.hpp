// process_expiry: what a process function with ttl on its handles does about time: it binds, and removes what has expired.
#pragma once

#include <weir/op/keyed/process_clock.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/op/keyed/process_state.hpp>
#include <weir/state/expiry_queue.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/ttl.hpp>
#include <weir/state/unread_timers.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

// Without a ttl: nothing.
template <class Key, class F, class Runtime,
          bool Any = handles_of<F>::event_ttl || handles_of<F>::processing_ttl>
class process_expiry {
 public:
  process_expiry(F&, Runtime const&) {}
  template <class Format>
  Format make_format() const {
    return {};
  }
  void look_at_clock() {}
  static constexpr timestamp deadline() { return max_time; }
};

// What a call sees is decided by the ends that stand beside the values; removing what has expired only gives room back.
template <class Key, class F, class Runtime>
class process_expiry<Key, F, Runtime, true> {
  using handles = handles_of<F>;
  static constexpr time_domain event = time_domain::event, processing = time_domain::processing;
  // Whether the store lists by itself what expires.
  static constexpr bool reads_index =
      handles::template index<false, has_on_processing_timer<F>>::of_expiry && !has_on_timer<F>;
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

 public:
  process_expiry(F& f, Runtime const& runtime)
      : f_(&f),
        runtime_(&runtime),
        leaves_out_(all_cleaned()),
        event_queue_(width<event>()),
        processing_queue_(width<processing>()),
        unread_(std::chrono::seconds{1}) {}

  template <class Format>
  Format make_format() const {
    if constexpr (requires { Format{}.clock; })
      return Format{leaves_out_ ? &shared_now_ : nullptr};
    else
      return {};
  }
  // Once a batch. The clock of the system may be set back; this one stays.
  void look_at_clock() {
    if constexpr (handles::processing_ttl) {
      now_ = later(now_, processing_time_of(*runtime_));
      shared_now_.store(ticks(now_), std::memory_order_relaxed);
    }
  }
  template <class State>
  WEIR_INLINE void bind(State& s, moment in_event_time) {
    std::apply([&](auto&... h) { s.bind_at({in_event_time, {now_, now_}}, h...); }, states_of(*f_));
  }
  // After the call. Returns the watermark that should come by for what expires first; max_time where that is known already.
  template <class K, class State>
  WEIR_INLINE timestamp settle(K const& id, State& s) {
    std::apply([&](auto&... h) { s.settle(h...); }, states_of(*f_));
    timestamp due = max_time;
    if constexpr (handles::event_ttl) due = file(event_queue_, id, s);
    if constexpr (handles::processing_ttl) file(processing_queue_, id, s);
    return due;
  }
  // Not for each single end: for a bucket of the queue.
  timestamp deadline() const {
    if constexpr (reads_index && handles::event_ttl)
      return earlier(event_queue_.due(), unread_.first());
    else if constexpr (handles::event_ttl)
      return event_queue_.due();
    return max_time;
  }
  // In event time: what the watermark has passed. What is more than one record should wait for is left to the next, whose
  // deadline has come as well.
  template <class Table>
  void clean_up_to(timestamp watermark, Table& states) {
    std::size_t const most = watermark == max_time ? all : 4096;
    if (unread_.holds(watermark)) [[unlikely]]
      read_more(event_queue_, states, watermark, most);
    if (event_queue_.has_due(watermark)) clean(event_queue_, states, watermark, most);
  }
  // In processing time: a little, so that no record waits. Each files one key at most.
  template <class Table>
  WEIR_INLINE void clean_some(Table& states) {
    if (processing_queue_.has_due(now_)) [[unlikely]]
      clean(processing_queue_, states, now_, 2);
  }
  // Between records: as much as may keep one waiting.
  template <class Table>
  void clean_more(Table& states) {
    if constexpr (handles::processing_ttl) {
      if (unread_.holds(now_)) [[unlikely]]
        read_more(processing_queue_, states, now_, 256);
      if (processing_queue_.has_due(now_)) clean(processing_queue_, states, now_, 256);
    }
  }
  // After a restore of the table. Where the store holds no index of what expires, every value is read.
  template <class Table>
  void restored(Table& states) {
    if constexpr (requires { states.timer_id(); } && reads_index) {
      unread_.open(runtime_->backend, states.timer_id());
    } else {
      states.for_each([&](Key const& id, auto const& s) {
        if constexpr (handles::event_ttl) add(event_queue_, s.template expiry<event>(), id);
        if constexpr (handles::processing_ttl) add(processing_queue_, s.template expiry<processing>(), id);
      });
    }
  }

 private:
  template <time_domain Domain>
  struct queue : expiry_queue<Key> {
    using expiry_queue<Key>::expiry_queue;
  };
  // A part of the shortest life.
  template <time_domain Domain>
  duration width() const {
    duration shortest = duration::max();
    auto const take = [&](auto const& h) {
      if constexpr (expires_in<std::remove_cvref_t<decltype(h)>, Domain>)
        shortest = std::min(shortest, h.options().after);
    };
    std::apply([&](auto const&... h) { (take(h), ...); }, states_of(*f_));
    return shortest / 64;
  }
  bool all_cleaned() const {
    auto const cleaned = [](auto const& h) {
      if constexpr (has_ttl<std::remove_cvref_t<decltype(h)>>)
        return h.background_cleanup();
      else
        return true;
    };
    return std::apply([&](auto const&... h) { return (cleaned(h) && ...); }, states_of(*f_));
  }
  // Of what the store lists: about as much as one cleaning takes.
  template <class Queue, class Table>
  WEIR_COLD void read_more(Queue& to, Table& states, timestamp now, std::size_t most) {
    if constexpr (requires { states.timer_id(); } && reads_index) {
      for (std::size_t n = 0; n < most && unread_.holds(now);)
        n += unread_.read(runtime_->backend, states.timer_id(), [&](timestamp at, std::string_view key_bytes) {
          to.add(at, decode_key<Key>(key_bytes));
        });
    }
  }
  template <class Queue>
  static void add(Queue& to, timestamp at, Key const& id) {
    if (at != max_time) to.add(at, id);
  }

  template <time_domain Domain, class K>
  WEIR_NOINLINE static void add_key(queue<Domain>& to, timestamp at, K const& id) {
    to.add(at, Key(id));
  }
  // The key is looked at when the first of what it keeps expires. Returns when the queue is due
  // where that may have changed.
  template <time_domain Domain, class K, class State>
  WEIR_INLINE timestamp file(queue<Domain>& to, K const& id, State& s) {
    timestamp const due =
        std::apply([&](auto&... h) { return s.template expiry<Domain>(h...); }, states_of(*f_));
    timestamp& queued = s.template queued<Domain>();
    if (due >= queued) return max_time;
    add_key(to, due, id);
    queued = due;
    return Domain == event ? to.due() : max_time;
  }
  template <time_domain Domain, class Table>
  WEIR_NOINLINE void clean(queue<Domain>& from, Table& states, timestamp now, std::size_t most) {
    from.sweep(now, most, [&](Key const& id, timestamp at) {
      auto* const s = states.find(id);
      if (s == nullptr) return max_time;
      timestamp& queued = s->template queued<Domain>();
      if (queued != max_time && queued != at) return max_time;  // it has been filed anew since
      queued = std::apply(
          [&](auto&... h) {
            s->template purge<Domain>(now, h...);
            return s->template expiry<Domain>(h...);
          },
          states_of(*f_));
      timestamp const next = queued;
      if (s->is_empty()) states.erase(id);
      return next;
    });
  }

  F* f_;
  Runtime const* runtime_;
  bool leaves_out_;
  timestamp now_ = min_time;  // in processing time
  shared_time shared_now_{ticks(min_time)};
  queue<event> event_queue_;
  queue<processing> processing_queue_;
  unread_timers unread_;  // of the queue whose index the store holds: none but after a restore
};

}  // namespace weir::detail
