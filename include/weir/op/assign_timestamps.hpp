#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/pump.hpp>
#include <weir/watermark/split_times.hpp>
#include <weir/watermark/strategy.hpp>
#include <weir/watermark/with_idleness.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// What a kernel knows of idleness; without it nothing.
template <bool Idles>
struct wakefulness {};
template <>
struct wakefulness<true> {
  bool asleep = false;  // the split is idle
  bool fed = false;     // a record has come
};

// One watermark a split of the source; what is sent on is the least of those that have not finished.
template <class F, class Strategy, class Next>
struct assign_timestamps_stage {
  static constexpr bool acts = false;  // time from above, if there is any, ends here
  static constexpr bool dynamic = false;
  static constexpr bool assigns_time = true;
  static constexpr bool clocked = true;
  static constexpr bool can_be_idle = has_idleness<Strategy>;
  static constexpr bool idles = can_be_idle || may_idle<Next>;

  F f;
  Strategy strategy;
  timestamp before = min_time;  // what was in force before the last record
  timestamp made = min_time;    // what is in force now
  split_times times;
  bool told_idle = false;
  pump<Next> out;

  template <class Make>
  assign_timestamps_stage(F const& fn, Strategy const& s, Make const& make) : f(fn), strategy(s), out(make) {}
  assign_timestamps_stage(assign_timestamps_stage const&) = delete;

  struct kernel : wakefulness<can_be_idle> {
    assign_timestamps_stage* self;
    functor<F> f;
    functor<Strategy> strategy;
    timestamp before, made, own, others;
    typename Next::kernel next;
    WEIR_INLINE explicit kernel(assign_timestamps_stage& s)
        : self(&s),
          f(s.f),
          strategy(s.strategy),
          before(s.before),
          made(s.made),
          own(s.times.own()),
          others(s.times.others),
          next(s.out.next.open()) {
      if constexpr (can_be_idle) this->asleep = s.times.all[s.times.current].idle;
    }
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time) {
      if constexpr (can_be_idle) {
        if (this->asleep) [[unlikely]]
          wake();
        this->fed = true;
      }
      timestamp const at = f(std::as_const(v));
      timestamp const after = strategy.get().observe(own, std::as_const(v), at);
      self->out.push(next, std::forward<V>(v), event{at, made}, before);
      own = after;
      before = made;
      made = later(made, earlier(own, others));
    }
    WEIR_INLINE timestamp deadline() const { return max_time; }
    WEIR_INLINE timestamp clock() const { return own; }
    // Before the first record of this kernel.
    WEIR_INLINE void wake() {
      next = self->wake(std::move(next));
      this->asleep = false;
      before = self->before;
      made = self->made;
      others = self->times.others;
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) {
    before = k.before;
    made = k.made;
    times.own() = k.own;
    if constexpr (can_be_idle)
      if (k.fed) times.all[times.current].quiet = {};
    out.next.commit(k.next);
    if constexpr (Next::acts) out.deliver({before, made});
  }

  // A batch at the head of a pipeline. Where no deadline can fall inside a batch, as much of it as cannot reach the one
  // that stands runs without a test per record; then a block with tests, and so on. Records are looked at more than once, so
  // they must lie in memory: those of a lazy view would be made anew each time, and a view that draws them would give others.
  template <class Batch>
  bool run_untested(Batch&& batch) {
    if constexpr (Next::acts && !Next::dynamic && Strategy::by_maximum &&
                  std::ranges::random_access_range<Batch> &&
                  std::is_lvalue_reference_v<std::ranges::range_reference_t<Batch>>) {
      if constexpr (can_be_idle)
        if (std::ranges::begin(batch) != std::ranges::end(batch)) wake();
      auto const end = std::ranges::end(batch);
      for (auto at = std::ranges::begin(batch);;) {
        at = run_undisturbed(at, end);
        if (at == end) return true;
        auto const first = at;
        std::ranges::advance(at, block, end);
        run_tested(first, at);
      }
    } else {
      return false;
    }
  }
  static constexpr std::ptrdiff_t block = 256;

  template <class Iterator>
  timestamp largest(Iterator first, Iterator const last) const {
    timestamp top = min_time;
    for (; first != last; ++first) {
      auto&& v = *first;
      top = later(top, std::invoke(f, std::as_const(v)));
    }
    return top;
  }
  // Gives the first record of the block that may reach the deadline. While a block runs, the largest timestamp of the
  // next one is looked for: a pass of its own would wait for memory.
  template <class Iterator, class End>
  WEIR_NOINLINE Iterator run_undisturbed(Iterator at, End const end) {
    blocks b{out.next.open(), min_time};
    timestamp const due = b.next.deadline();
    timestamp& own = times.own();
    std::ptrdiff_t left = end - at;
    b.top = largest(at, at + std::min(block, left));
    while (left > 0) {
      timestamp const further = strategy.observe(own, *at, b.top);
      timestamp const then = later(made, earlier(further, times.others));
      if (then >= due) break;
      std::ptrdiff_t const size = std::min(block, left), behind = std::min(block, left - size);
      b = run_plain(std::move(b), functor<F>(f), made, at, size, behind == size ? size : 0);
      at += size, left -= size;
      if (behind != size) b.top = largest(at, at + behind);
      before = made;  // exact only between records; nothing below reads it: nothing is dynamic
      made = then;
      own = further;
    }
    out.next.commit(b.next);
    return at;
  }
  struct blocks {
    typename Next::kernel next;
    timestamp top;  // the largest of the block to come
  };
  // The loop alone, so that nothing else takes registers from it. An argument passed by value stays in memory (clang), so
  // the kernel goes into a local.
  template <class Iterator>
  WEIR_NOINLINE static blocks run_plain(blocks b, functor<F> const f, timestamp watermark, Iterator at,
                                        std::ptrdiff_t const size, std::ptrdiff_t const ahead) {
    typename Next::kernel k(std::move(b.next));
    timestamp top = min_time;
    for (Iterator const last = at + size; at != last; ++at) {
      auto&& to_come = at[ahead];
      top = later(top, f(std::as_const(to_come)));
      auto&& v = *at;
      timestamp const t = f(std::as_const(v));
      k(std::forward<decltype(v)>(v), event{t, watermark});
    }
    return {std::move(k), top};
  }
  template <class Iterator>
  WEIR_NOINLINE void run_tested(Iterator first, Iterator last) {
    auto k = open();
    for (; first != last; ++first) k(*first, untimed{});
    commit(k);
  }

  timestamp clock() const { return times.own(); }
  void splits(std::size_t n) {
    times.resize(n);
    select(0);
  }
  void select(std::size_t split) {
    if constexpr (can_be_idle)
      times.select(split, made);
    else
      times.select(split);
  }
  // The split holds time back no longer.
  void finish(std::size_t split) {
    times.finish(split);
    if constexpr (can_be_idle) {
      if (!times.all_have_finished()) settle();
      return;
    }
    if (times.others == max_time) return;  // the last one: the end of the input says so itself
    before = made;
    made = later(made, times.others);
    if constexpr (Next::acts) out.deliver({before, made});
  }

  // The run has waited for the split, behind the records that have come of it.
  void waited(std::size_t split, duration d) {
    if constexpr (can_be_idle) times.all[split].quiet += d;
  }
  // Nothing has come of it now.
  bool look_for_idle(std::size_t split) {
    if constexpr (can_be_idle)
      if (times.look(split, strategy.idle_timeout())) {
        settle();
        return true;
      }
    return false;
  }
  duration until_idle(std::size_t split) const {
    if constexpr (can_be_idle)
      return times.until_idle(split, strategy.idle_timeout());
    else
      return duration::max();
  }
  bool is_idle(std::size_t split) const { return times.all[split].idle; }
  timestamp clock_of(std::size_t split) const { return times.all[split].watermark; }
  // Where several inputs meet above, all that comes of them is one split, and nobody asks for it.
  void waited_above(duration d) {
    if (!times.at_head) waited(0, d);
  }
  void look_for_idle_above() {
    if (!times.at_head) look_for_idle(0);
  }
  duration until_idle_above() const { return times.at_head ? duration::max() : until_idle(0); }
  void set_idle(bool) {}  // of the time above

  // A record has come of the split that is being read.
  WEIR_COLD typename Next::kernel wake(typename Next::kernel k) {
    out.next.commit(k);
    wake();
    return out.next.open();
  }
  void wake() {
    split_times::split& s = times.all[times.current];
    s.quiet = {};
    if (!s.idle) return;
    s.idle = false;
    settle();
  }
  // Behind a change of what is idle or finished.
  WEIR_COLD void settle() {
    bool const idle = times.none_active();
    if (!idle) tell_idle(false);
    if (timestamp const now = times.now(made); now > made) {
      before = made;
      made = now;
      if constexpr (Next::acts) out.deliver({before, made});
    }
    tell_idle(idle);
    times.select(times.current, made);
  }
  void tell_idle(bool idle) {
    if (std::exchange(told_idle, idle) != idle) out.next.set_idle(idle);
  }
  void advance(progress p) {
    if (p.now == max_time) out.deliver({made, max_time});  // of the time above only its end passes through
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    out.visit(v);
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(before), ar(made), ar(times), ar(out.delivered);
  }
  template <fixed_string Name>
  auto outlet() {
    return out.template outlet<Name>();
  }
};

template <class F, class Strategy>
struct assign_timestamps_operator : operation_base {
  static constexpr bool assigns_time = true;
  F f;
  Strategy strategy;
  constexpr assign_timestamps_operator(F fn, Strategy s) : f(std::move(fn)), strategy(std::move(s)) {}

  template <class>
  static constexpr bool guardable = true;
  template <class In>
  static constexpr bool gives_time = gives<timestamp, F const&, typename In::value const&>;
  template <class In>
  static constexpr bool has_strategy = watermark_strategy<Strategy, typename In::value>;
  template <class In>
  static constexpr bool accepts = gives_time<In> && has_strategy<In>;
  template <class In>
  using output = with_time<In>;
  template <class In>
  static constexpr void explain() {
    constexpr bool f_gives_a_timestamp = gives_time<In>;
    static_assert(f_gives_a_timestamp, "weir::assign_timestamps(f, strategy): f(record) is no weir::timestamp");
    if constexpr (f_gives_a_timestamp) {
      constexpr bool this_is_a_strategy = has_strategy<In>;
      static_assert(
          this_is_a_strategy,
          "weir::assign_timestamps(f, strategy): the strategy has no observe(watermark, record, timestamp)");
    }
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    if constexpr (requires { strategy.check(); }) strategy.check();
    auto const make_next = [&] { return rest(env); };
    return assign_timestamps_stage<F, Strategy, decltype(make_next())>(f, strategy, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("assign_timestamps", d.noun(strategy));
  }
};

struct assign_timestamps_fn {
  template <class F, class Strategy>
  constexpr auto operator()(F f, Strategy strategy) const {
    return assign_timestamps_operator<F, Strategy>(std::move(f), std::move(strategy));
  }
};

}  // namespace detail

// An operator that gives each record its event time, and the stream its watermark.
//
// Input      any stream; f(record) gives a weir::timestamp and depends on the record alone: it is called more than once for
//            one; strategy is monotonous_timestamps, bounded_out_of_orderness, punctuated, one of them in with_idleness, or
//            any model of watermark_strategy
// Output     the same records, with event time
// Time       each record is judged by the watermark that the records before it made; a source with several splits has
//            one watermark each, of which the least counts
// State      the watermark of each split; saved
// Ordering   kept
// Errors     "weir::assign_timestamps(f, strategy): f(record) is no weir::timestamp"
// Example    examples/docs/assign_timestamps.cpp
// See also   window, process; Flink: WatermarkStrategy
inline constexpr detail::assign_timestamps_fn assign_timestamps{};

}  // namespace weir
