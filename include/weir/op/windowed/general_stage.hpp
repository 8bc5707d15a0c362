// The running side of windows with any assigner and any trigger: a list of windows for each key, and one lazy timer a key.
#pragma once

#include <weir/core/stage.hpp>
#include <weir/error.hpp>
#include <weir/op/keyed/process_clock.hpp>
#include <weir/op/windowed/aggregate_list.hpp>
#include <weir/op/windowed/behind_window.hpp>
#include <weir/op/windowed/general_state.hpp>
#include <weir/op/windowed/late_records.hpp>
#include <weir/state/timed_table.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

// About how long windows are, where the assigner says it; timers are filed in parts of this.
template <class Assigner>
duration usual_length(Assigner const& a) {
  if constexpr (aligned_assigner<Assigner>)
    return a.size;
  else if constexpr (gap_assigner<Assigner>)
    return a.gap;
  else
    return std::chrono::seconds{8};
}

// Functions that drop some of what the window holds when it fires.
template <class Functions, class Acc>
concept evicting = requires(Functions const& f, Acc& acc) { f.template evict<true>(acc); };

template <class V, class KeyFn, class Functions, class Spec, class Names, class Runtime, class Next>
struct general_stage : forwarding<Next> {
  using types = window_types<V, KeyFn, Functions>;
  using key = typename types::key;
  using acc = typename types::acc;
  using row_type = typename types::result;
  using trigger_state = trigger_state_t<decltype(Spec::trigger)>;
  static constexpr bool has_clock = has_on_processing_time<decltype(Spec::trigger)>;
  using window_own = typename window_own_behind<Next>::type;
  using state_type = general_state<acc, trigger_state, Runtime::durable, has_clock, window_own>;
  using window = typename state_type::window;
  using format = general_format<acc, trigger_state, Runtime::durable, has_clock, window_own>;
  using table = timed_table<key, typename Runtime::template table<key, state_type, format>,
                            typename Runtime::backend_type>;
  static constexpr bool acts = true;
  static constexpr bool dynamic = true;
  static constexpr bool merging = decltype(Spec::assigner)::merging;
  static constexpr auto uid = Names::uid;

  KeyFn key_fn;
  Functions functions;
  duration lateness;
  table states;
  // One above the watermark at which a record last set a timer at or behind it: such a timer waits for an advance.
  timestamp floor = min_time;
  decltype(Spec::assigner) assigner;
  decltype(Spec::trigger) trigger;
  late_records<Spec, Next> late;
  std::conditional_t<has_clock, process_clock<key, Runtime>, no_process_clock<Runtime>> clock;

  template <class Env, class Make>
  general_stage(Env const& env, Functions const& f, Make const& make)
      : forwarding<Next>(make),
        key_fn(env.key),
        functions(f),
        lateness(env.window.lateness),
        states(env.runtime.backend, uid.view(), format{env.window.lateness},
               usual_length(env.window.assigner) / 8),
        assigner(env.window.assigner),
        trigger(env.window.trigger),
        late(env, uid.view(), this->next),
        clock(env.runtime, uid.view()) {}
  acc zero() const { return functions.template zero<V>(); }
  static std::string kind() {
    return std::string(merging ? "windows that merge" : "windows") + time_of_windows<Spec>();
  }
  timestamp deadline() const { return later(states.deadline(), floor); }

  // Timers of processing time are kept in their window, and all of them in the key.
  template <class K>
  struct window_clock {
    static constexpr bool timers = true;
    general_stage* self;
    K const* id;
    state_type* s;

    timestamp now() const { return self->clock.now(); }
    void set(window& w, timestamp when) const {
      auto const at = std::lower_bound(w.clock_timers.begin(), w.clock_timers.end(), when);
      if (at == w.clock_timers.end() || *at != when) w.clock_timers.insert(at, when);
      self->clock.file(*id, *s, when);
    }
    // That of the key stays: another window may have it too, and where none has nothing fires.
    void remove(window& w, timestamp when) const { std::erase(w.clock_timers, when); }
  };
  template <class K>
  using clock_for = std::conditional_t<has_clock, window_clock<K>, no_window_clock<Runtime>>;
  template <class K>
  clock_for<K> clock_of(K const& id, state_type& s) {
    if constexpr (has_clock)
      return {this, &id, &s};
    else
      return {clock.runtime};
  }
  template <class K>
  using context = general_context<window, trigger_state, clock_for<K>>;

  struct kernel : forwarding_kernel<typename Next::kernel> {
    general_stage* self;
    functor<KeyFn> key_of;
    timestamp due;
    explicit kernel(general_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()),
          self(&s),
          key_of(s.key_fn),
          due(s.deadline()) {}
    template <class T>
    WEIR_INLINE void operator()(T&& v, event t) {
      due = earlier(due, self->take(key_of(v), v, t,
                                    [this](row_type&& row, event at) { this->next(std::move(row), at); }));
    }
    WEIR_INLINE timestamp deadline() const { return earlier(due, this->next.deadline()); }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }

  // Gives the deadline that the record made.
  template <class K, class T, class Emit>
  WEIR_NOINLINE timestamp take(K const& id, T const& v, event t, Emit const& emit) {
    state_type& s = states.touch(id, [] { return state_type(); });
    if constexpr (has_clock) clock.watermark = later(clock.watermark, t.watermark);
    bool assigned = false, taken = false;
    timestamp due = max_time;
    assigner.assign(v, t.at, [&](time_window w) {
      if (w.end <= w.start)
        throw config_error(
            "weir::window(assigner): the assigner gave a window that does not end behind its start; "
            "correct its assign(record, at, emit)");
      assigned = true;
      window* const held = place(id, s, w, t);
      if (held == nullptr) return;
      taken = true;
      if constexpr (requires { functions.add(held->acc, v, t.at); })
        functions.add(held->acc, v, t.at);
      else
        functions.add(held->acc, v);
      held->holds = true;
      context<K> c(*held, t, clock_of(id, s));
      act(id, *held, trigger.on_element(v, c), t.watermark, emit);
      due = earlier(due, held->due(lateness));
    });
    if (assigned && !taken) late.push(v, t);
    if (s.windows.empty()) states.erase(id);
    if (due == max_time) return due;
    if (due < s.filed) states.file(id, s, due);
    if (due > t.watermark) return due;
    return floor = t.watermark + tick;
  }
  // The window of the key that a record of w goes to; none where w is gone.
  template <class K>
  window* place(K const& id, state_type& s, time_window w, event t) {
    if constexpr (merging) {
      auto const first = std::find_if(s.windows.begin(), s.windows.end(),
                                      [w](window const& o) { return o.bounds.end >= w.start; });
      auto const last =
          std::find_if(first, s.windows.end(), [w](window const& o) { return o.bounds.start > w.end; });
      // Merging comes before the test of lateness: what merges with a window that is not gone is not late.
      if (first != last) {
        time_window const all{earlier(w.start, first->bounds.start), later(w.end, (last - 1)->bounds.end)};
        if (all == first->bounds) return &*first;
        *first = merged(id, s, all, first, last, t);
        s.windows.erase(first + 1, last);
        return &*first;
      }
      return insert(s, first, w, t);
    } else {
      auto const at =
          std::lower_bound(s.windows.begin(), s.windows.end(), w, [](window const& a, time_window b) {
            return a.bounds.start != b.start ? a.bounds.start < b.start : a.bounds.end < b.end;
          });
      return at != s.windows.end() && at->bounds == w ? &*at : insert(s, at, w, t);
    }
  }
  template <class At>
  window* insert(state_type& s, At at, time_window w, event t) {
    window made(w, zero());
    if (made.cleanup(lateness) <= t.watermark) return nullptr;
    return &*s.windows.insert(at, std::move(made));
  }
  template <class K, class At>
  window merged(K const& id, state_type& s, time_window bounds, At first, At last, event t) {
    window made(bounds, zero());
    context<K> c(made, t, clock_of(id, s));
    for (; first != last; ++first) {
      if (first->holds) {
        if (made.holds)
          functions.merge(made.acc, first->acc);
        else
          made.acc = std::move(first->acc);
        made.holds = true;
      }
      trigger.on_merge(std::as_const(first->state), c);
    }
    return made;
  }
  template <class K, class Emit>
  void act(K const& id, window& w, trigger_result r, timestamp watermark, Emit const& emit) {
    if constexpr (evicting<Functions, acc>)
      if (fires(r) && w.holds) w.holds = functions.template evict<false>(w.acc);
    if constexpr (!std::is_same_v<window_own, no_window_own>) this->next.own = &w.own;
    if (fires(r) && w.holds)
      emit(functions.template make_row<row_type>(key(id), w.bounds, w.acc), event{w.bounds.last(), watermark});
    if constexpr (evicting<Functions, acc>)
      if (fires(r) && w.holds) w.holds = functions.template evict<true>(w.acc);
    if (purges(r)) w.acc = zero(), w.holds = false;
  }

  void advance(progress p) {
    tell_watermark(this->next, p.now);
    if constexpr (has_clock) {
      if (p.now == max_time && clock.end()) fire_by_clock(max_time);
      clock.watermark = later(clock.watermark, p.now);
    }
    if (deadline() <= p.now) fire(p);
    this->next.advance(p);
  }
  WEIR_NOINLINE void fire(progress p) {
    auto k = this->next.open();
    auto const emit = [&k](row_type&& row, event at) { k(std::move(row), at); };
    states.advance(
        p.now, [this](state_type const& s) { return s.due(lateness); },
        [&](key const& id, state_type& s, timestamp at) {
          // Timers before the end of the window's life; one that is set here for an instant that has passed fires too.
          for (window& w : s.windows)
            while (!w.timers.empty() && w.timers.front() <= at) {
              timestamp const when = w.timers.front();
              w.timers.erase(w.timers.begin());
              context<key> c(w, event{when, p.now}, clock_of(id, s));
              act(id, w, trigger.on_event_time(when, c), p.before, emit);
            }
          if constexpr (hears_of_end<Next>) tell_ends(id, s, at, p.before);
          std::erase_if(s.windows, [&](window const& w) { return w.cleanup(lateness) <= at; });
          if (s.windows.empty()) return states.erase(id);
          states.file(id, s, s.due(lateness));
        });
    this->next.commit(k);
  }
  void tell_ends(key const& id, state_type& s, timestamp at, timestamp before) {
    for (window& w : s.windows) {
      if (w.cleanup(lateness) > at) continue;
      if constexpr (!std::is_same_v<window_own, no_window_own>) this->next.own = &w.own;
      this->next.clear(id, w.bounds, event{w.bounds.last(), before});
    }
  }
  // Timers of processing time. The results carry the window's last instant, as all do.
  WEIR_NOINLINE void fire_by_clock(timestamp now) {
    auto k = this->next.open();
    auto const emit = [&k](row_type&& row, event at) { k(std::move(row), at); };
    timestamp const watermark = clock.watermark;
    clock.advance(now, states, [&](key const& id, state_type& s, timestamp when) {
      for (window& w : s.windows) {
        if (std::erase(w.clock_timers, when) == 0) continue;
        context<key> c(w, event{when, watermark}, clock_of(id, s));
        act(id, w, trigger.on_processing_time(when, c), watermark, emit);
      }
      if (timestamp const due = s.due(lateness); due < s.filed) {
        states.file(id, s, due);
        if (due <= watermark) floor = watermark + tick;
      }
    });
    this->next.commit(k);
  }
  // Between batches: processing time has gone on.
  void look_at_clock()
    requires(has_clock)
  {
    if (clock.due() <= clock.now()) fire_by_clock(clock.now());
  }
  // When that is to be told next.
  timestamp clock_deadline() const
    requires(has_clock)
  {
    return clock.due();
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class F>
  void for_each_table(F&& f) {
    for_each_table_behind(this->next, f);
    f(states);
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(floor);
    if constexpr (has_clock) ar(clock.watermark);
  }
  void restored() {
    states.restored();
    if constexpr (has_clock) clock.restored(states);
  }
};

}  // namespace weir::detail
