// The running side of sliding windows: slices of gcd(size, slide), each record in one of them, and what the windows that
// overlap have in common.
#pragma once

#include <weir/core/describe.hpp>
#include <weir/core/stage.hpp>
#include <weir/op/windowed/aggregate_list.hpp>
#include <weir/op/windowed/behind_window.hpp>
#include <weir/op/windowed/late_records.hpp>
#include <weir/op/windowed/pane_list.hpp>
#include <weir/op/windowed/slice_sums.hpp>

#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class V, class KeyFn, class Functions, class Spec, class Names, class Runtime, class Next>
struct sliding_stage : forwarding<Next> {
  using types = window_types<V, KeyFn, Functions>;
  using key = typename types::key;
  using acc = typename types::acc;
  using row_type = typename types::result;
  using format = typename Runtime::template value_format<acc>;
  using table = typename Runtime::template table<key, acc, format>;
  using panes_type = pane_list<table>;
  using pane = typename panes_type::pane;
  using sums_table = typename Runtime::template flat_table<key, slice_sum<acc>>;
  using sums_type = std::conditional_t<Functions::template invertible<V>, running_sums<key, acc, sums_table>,
                                       stacked_sums<key, acc, sums_table>>;
  static constexpr bool acts = true;
  static constexpr bool dynamic = Next::dynamic;
  static constexpr auto uid = Names::uid;

  KeyFn key_fn;
  Functions functions;
  duration size, slide, offset, lateness;
  timestamp watermark = min_time;
  timestamp fired = min_time;  // the end of the last window that has fired
  panes_type slices;
  sums_type sums;
  Runtime& runtime;
  late_records<Spec, Next> late;

  template <class Env, class Make>
  sliding_stage(Env const& env, Functions const& f, Make const& make)
      : forwarding<Next>(make),
        key_fn(env.key),
        functions(f),
        size(env.window.assigner.size),
        slide(env.window.assigner.slide),
        offset(env.window.assigner.offset),
        lateness(env.window.lateness),
        slices(std::gcd(ticks(size), ticks(slide)) * tick, offset),
        runtime(env.runtime),
        late(env, uid.view(), this->next) {
    slices.prepare(make_pane());
  }
  auto make_pane() {
    return [this](std::int64_t index) { return new pane(index, runtime.backend, uid.view(), format("slice")); };
  }
  acc zero() const { return functions.template zero<V>(); }
  // Slices are saved by their numbers, which mean something only with these.
  std::string kind() const {
    return "sliding windows of " + plain_duration(size) + ", slide " + plain_duration(slide) + ", offset " +
           plain_duration(offset) + time_of_windows<Spec>();
  }

  // The first window start whose window is not gone at watermark w, with `extra` of patience.
  timestamp first_start_after(timestamp w, duration extra) const {
    return next_on_grid(saturating_sub(saturating_sub(w, size - tick), extra), slide, offset);
  }
  timestamp end_after(timestamp start) const { return saturating_add(start, size); }

  struct place {
    table* data = nullptr;
    std::int64_t low = 0;
    timestamp start{};
    bool plain = false;  // nothing but the slice is touched by a record of it
  };
  recent_places<place> recent;
  template <class T>
  WEIR_NOINLINE place seek(T const& v, event t) {
    if (place const* const known = recent.find(t.at, slices.width)) return *known;
    if (watermark == max_time || floor_to(t.at, slide, offset) < first_start_after(watermark, lateness)) {
      late.push(v, t);
      return {};
    }
    pane& p = slices.get(slices.index_of(t.at), make_pane());
    timestamp const start = slices.start_of(p.index);
    return recent.remember({&p.data, slices.low_of(p.index), start, start >= fired});
  }
  // A record of a slice that some window has fired with. What still adds up the slice must hear of it.
  template <class T>
  WEIR_NOINLINE void add_behind(table& data, timestamp start, T const& v) {
    auto const make = [this] { return zero(); };
    bool const fresh = data.find(std::invoke(key_fn, v)) == nullptr;
    sums.add_behind(std::invoke(key_fn, v), slices.index_of(start), fresh, functions, make, v);
    functions.add(data.touch(std::invoke(key_fn, v), make), v);
  }
  // The windows of a record that have fired and are not gone fire again, each with all that it holds of the key: the last
  // window first, as they are assigned.
  template <class T, class Emit>
  void refire(T const& v, event t, Emit const& emit) {
    timestamp const first =
        later(first_start_after(watermark, lateness), next_on_grid(saturating_sub(t.at, size), slide, offset));
    timestamp const fires = saturating_sub(watermark, size - tick);  // and all that start before it
    for (timestamp start = floor_to(earlier(t.at, fires), slide, offset); start >= first;
         start = saturating_sub(start, slide)) {
      acc total = zero();
      for (auto s = slices.lower_bound(slices.index_of(start)); s != slices.end(); ++s) {
        if (slices.start_of(s->index) >= end_after(start)) break;
        if (acc const* part = s->data.find(std::invoke(key_fn, v))) functions.merge(total, *part);
      }
      time_window const w{start, end_after(start)};
      emit(functions.template make_row<row_type>(key(std::invoke(key_fn, v)), w, total),
           event{w.last(), t.watermark});
    }
  }
  timestamp deadline() const {
    duration const last = offset + size % slide - tick;
    timestamp const fires = next_on_grid(watermark, slide, last);
    if constexpr (Spec::refires)
      return earlier(fires, next_on_grid(watermark, slide, last + lateness % slide));
    else
      return fires;
  }

  struct kernel : forwarding_kernel<typename Next::kernel> {
    sliding_stage* self;
    functor<KeyFn> key_of;
    functor<Functions> functions;
    timestamp due;
    std::int64_t low = 0;
    std::uint64_t extent = 0;
    table* current = nullptr;
    explicit kernel(sliding_stage& s)
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
        if (!p.plain) {
          self->add_behind(*p.data, p.start, v);
          if constexpr (Spec::refires)
            self->refire(v, t, [this](auto&& r, event at) { this->next(std::move(r), at); });
          return;
        }
        current = p.data, low = p.low, extent = static_cast<std::uint64_t>(ticks(self->slices.width));
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
    watermark = p.now;
    recent.forget();
    std::optional<typename Next::kernel> k;
    while (fired != max_time) {  // a window that is cut by the end of time is the last
      // The next window to fire: the first that has not and holds a slice. Slices further back wait only for late records.
      timestamp start = fired == min_time ? min_time : saturating_sub(fired, size - slide);
      auto const oldest = start == min_time ? slices.begin() : slices.lower_bound(slices.index_of(start));
      if (oldest == slices.end()) break;
      timestamp const first = next_on_grid(saturating_sub(slices.start_of(oldest->index), size), slide, offset);
      start = later(start, first);
      time_window const w{start, end_after(start)};
      if (w.last() > p.now) break;
      if (!k) k.emplace(this->next.open());
      fire(*k, w, p.before);
      fired = w.end;
    }
    if (k) this->next.commit(*k);
    if (p.now != min_time) {  // windows without records have fired too
      timestamp const unfired = first_start_after(p.now, duration::zero());
      timestamp const last = saturating_sub(saturating_add(unfired, size), slide);
      if (last > fired) {
        fired = last;
        sums.forget();
      }
    }
    timestamp const gone = p.now == max_time ? max_time : first_start_after(p.now, lateness);
    while (!slices.empty() && floor_to(slices.start_of(slices.front().index), slide, offset) < gone)
      slices.pop_front();
    this->next.advance(p);
  }
  void fire(typename Next::kernel& k, time_window w, timestamp before) {
    sums.fire(
        slices, slices.index_of(w.start), slices.index_of(w.end - tick) + 1,
        slices.index_of(saturating_add(w.start, slide)), functions, [this] { return zero(); },
        [&](key const& id, acc const& a) {
          k(functions.template make_row<row_type>(id, w, a), event{w.last(), before});
        });
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class F>
  void for_each_table(F&& f) {
    for_each_table_behind(this->next, f);
    slices.for_each_table(f);
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(watermark), ar(fired);
    slices.state(ar, make_pane());
    if (ar.loading()) sums.forget();
  }
};

}  // namespace weir::detail
