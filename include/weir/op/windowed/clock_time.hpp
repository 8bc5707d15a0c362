// The time of windows that have no event time: the clock's, or none.
#pragma once

#include <weir/core/pump.hpp>
#include <weir/core/stage.hpp>
#include <weir/op/keyed/process_clock.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace weir::detail {

// Before windows by processing time: an assigner of time that asks the clock, once a batch. The watermark is a tick behind it,
// also where no record comes. The clock of the system may be set back; this one stays.
template <class Runtime, class Next>
struct clock_time_stage : behind_splits {
  static constexpr bool acts = false;  // time from above, if there is any, ends here
  static constexpr bool dynamic = false;
  static constexpr bool assigns_time = true;
  static constexpr bool idles = may_idle<Next>;

  Runtime const* runtime;
  timestamp now = min_time;
  timestamp before = min_time;  // the watermark before the last step of the clock
  timestamp due = max_time;     // the watermark that something below waits for
  pump<Next> out;

  template <class Make>
  clock_time_stage(Runtime const& r, Make const& make) : runtime(&r), out(make) {}
  clock_time_stage(clock_time_stage const&) = delete;

  timestamp watermark() const { return now == min_time ? min_time : now - tick; }
  void look() {
    timestamp const then = later(now, processing_time_of(*runtime));
    if (then == now) return;
    before = watermark();
    now = then;
  }

  struct kernel {
    typename Next::kernel next;
    event t;
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time) {
      next(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const { return max_time; }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() {
    look();
    kernel k{out.next.open(), {now, watermark()}};
    if constexpr (Next::acts)
      if (k.next.deadline() <= watermark()) k.next = out.cross(std::move(k.next), {before, watermark()});
    return k;
  }
  void commit(kernel const& k) { out.next.commit(k.next); }
  void look_at_clock() {
    look();
    if constexpr (Next::acts) {
      out.deliver({before, watermark()});
      auto const k = out.next.open();
      due = k.deadline();
      out.next.commit(k);
    }
  }
  // When that is to be told next.
  timestamp clock_deadline() const { return saturating_add(due, tick); }
  // The end of the input is that of time.
  void advance(progress p) {
    if (p.now == max_time) out.deliver({watermark(), max_time});
  }
  void set_idle(bool) {}  // whatever comes from above: a clock never is
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    out.visit(v);
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(now), ar(before), ar(out.delivered);
  }
  static std::string kind() { return "processing time"; }
  template <fixed_string Name>
  auto outlet() {
    return out.template outlet<Name>();
  }
};

// Before windows that need no time, on a stream without: they are in the first instant, for as long as the input goes on.
template <class Next>
struct first_instant_stage : forwarding<Next> {
  using forwarding<Next>::forwarding;

  struct kernel : forwarding_kernel<typename Next::kernel> {
    explicit kernel(first_instant_stage& s) : forwarding_kernel<typename Next::kernel>(s.next.open()) {}
    template <class V>
    WEIR_INLINE void operator()(V&& v, untimed) {
      this->next(std::forward<V>(v), event{min_time, min_time});
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};
// And behind them: their rows have no time either.
template <class Next>
struct no_time_stage : forwarding<Next> {
  using forwarding<Next>::forwarding;

  struct kernel : forwarding_kernel<typename Next::kernel> {
    explicit kernel(no_time_stage& s) : forwarding_kernel<typename Next::kernel>(s.next.open()) {}
    template <class V>
    WEIR_INLINE void operator()(V&& v, event) {
      this->next(std::forward<V>(v), untimed{});
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

}  // namespace weir::detail
