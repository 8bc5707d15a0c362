// The running side of tumbling windows: one table a pane, and the pane's end is the timer.
#pragma once

#include <weir/core/describe.hpp>
#include <weir/core/stage.hpp>
#include <weir/op/windowed/aggregate_list.hpp>
#include <weir/op/windowed/behind_window.hpp>
#include <weir/op/windowed/late_records.hpp>
#include <weir/op/windowed/pane_list.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace weir::detail {

template <class V, class KeyFn, class Functions, class Spec, class Names, class Runtime, class Next>
struct tumbling_stage : forwarding<Next> {
  using types = window_types<V, KeyFn, Functions>;
  using key = typename types::key;
  using acc = typename types::acc;
  using row_type = typename types::result;
  using format = typename Runtime::template value_format<acc>;
  using table = typename Runtime::template table<key, acc, format>;
  using panes_type = pane_list<table>;
  using pane = typename panes_type::pane;
  static constexpr bool acts = true;
  static constexpr bool dynamic = Next::dynamic;
  static constexpr auto uid = Names::uid;

  KeyFn key_fn;
  Functions functions;
  duration size, lateness;
  timestamp watermark = min_time;
  panes_type panes;
  Runtime& runtime;
  late_records<Spec, Next> late;

  template <class Env, class Make>
  tumbling_stage(Env const& env, Functions const& f, Make const& make)
      : forwarding<Next>(make),
        key_fn(env.key),
        functions(f),
        size(env.window.assigner.size),
        lateness(env.window.lateness),
        panes(size, env.window.assigner.offset),
        runtime(env.runtime),
        late(env, uid.view(), this->next) {
    panes.prepare(make_pane());
  }
  auto make_pane() {
    return
        [this](std::int64_t index) { return new pane(index, runtime.backend, uid.view(), format("window")); };
  }
  acc zero() const { return functions.template zero<V>(); }
  // Panes are saved by their numbers, which mean something only with these.
  std::string kind() const {
    return "tumbling windows of " + plain_duration(size) + ", offset " + plain_duration(panes.offset) +
           time_of_windows<Spec>();
  }

  // Where a record goes that is not of the last pane. The watermark last delivered is as good as the record's own for
  // judging it: the deadline is the whole grid of instants at which the judgement changes.
  struct place {
    table* data = nullptr;
    std::int64_t low = 0;
    time_window window{};
    bool fired = false;
  };
  recent_places<place> recent;
  template <class T, class Time>
  WEIR_NOINLINE place seek(T const& v, Time t) {
    if (place const* const known = recent.find(t.at, size)) return *known;
    std::int64_t const index = panes.index_of(t.at);
    time_window const w{panes.start_of(index), panes.end_of(index)};
    if (saturating_add(w.last(), lateness) <= watermark) {
      late.push(v, t);
      return {};
    }
    return recent.remember(
        {&panes.get(index, make_pane()).data, panes.low_of(index), w, w.last() <= watermark});
  }
  timestamp deadline() const {
    timestamp const fires = next_on_grid(watermark, size, panes.offset - tick);
    if constexpr (Spec::refires)
      return earlier(fires, next_on_grid(watermark, size, panes.offset - tick + lateness % size));
    else
      return fires;
  }

  struct kernel : forwarding_kernel<typename Next::kernel> {
    tumbling_stage* self;
    functor<KeyFn> key_of;
    functor<Functions> functions;
    timestamp due;
    std::int64_t low = 0;
    std::uint64_t extent = 0;
    table* current = nullptr;  // of the last pane, [low, low + extent)
    explicit kernel(tumbling_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()),
          self(&s),
          key_of(s.key_fn),
          functions(s.functions),
          due(s.deadline()) {}
    template <class T>
    WEIR_INLINE void operator()(T&& v, event t) {
      if (static_cast<std::uint64_t>(ticks(t.at)) - static_cast<std::uint64_t>(low) >= extent) [[unlikely]] {
        place const p = self->seek(v, t);
        if (p.data == nullptr) return;
        if constexpr (Spec::refires)
          if (p.fired) {  // not gone yet: it fires again at once
            acc& a = p.data->touch(key_of(v), [f = functions] { return f.get().template zero<V>(); });
            functions.get().add(a, v);
            this->next(functions.get().template make_row<row_type>(key(key_of(v)), p.window, a),
                       event{p.window.last(), t.watermark});
            return;
          }
        current = p.data, low = p.low, extent = static_cast<std::uint64_t>(ticks(self->size));
      }
      functions.get().add(current->touch_new(key_of(v), [f = functions] { return f.get().template zero<V>(); }),
                          v);
    }
    WEIR_INLINE timestamp deadline() const { return earlier(due, this->next.deadline()); }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }

  void advance(progress p) {
    // Never back: what makes watermarks may be newer than this stage, after a change of the pipeline.
    p.now = later(p.now, watermark);
    tell_watermark(this->next, p.now);
    timestamp const fired_to = watermark;  // panes whose last instant is at or before it have fired
    watermark = p.now;
    recent.forget();
    auto const last_of = [&](pane const& q) { return panes.end_of(q.index) - tick; };
    auto due = panes.begin();
    while (due != panes.end() && last_of(*due) <= fired_to) ++due;
    if (due != panes.end() && last_of(*due) <= p.now) {
      auto k = this->next.open();
      for (; due != panes.end() && last_of(*due) <= p.now; ++due) {
        time_window const w{panes.start_of(due->index), panes.end_of(due->index)};
        due->data.for_each([&](key const& id, acc const& a) {
          k(functions.template make_row<row_type>(id, w, a), event{w.last(), p.before});
        });
      }
      this->next.commit(k);
    }
    while (!panes.empty() && saturating_add(panes.end_of(panes.front().index) - tick, lateness) <= p.now)
      panes.pop_front();
    this->next.advance(p);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class F>
  void for_each_table(F&& f) {
    for_each_table_behind(this->next, f);
    panes.for_each_table(f);
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(watermark);
    panes.state(ar, make_pane());
  }
};

}  // namespace weir::detail
