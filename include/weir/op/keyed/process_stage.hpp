// The running side of process.
#pragma once

#include <weir/core/emitted.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/stage.hpp>
#include <weir/error.hpp>
#include <weir/op/keyed/process_clock.hpp>
#include <weir/op/keyed/process_expiry.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/state/timed_table.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

// Which function of f a record of an input goes to.
struct call_on_record {
  template <class F, class V, class Context, class Emit>
  WEIR_INLINE void operator()(F& f, V&& v, Context& c, Emit const& emit) const {
    if constexpr (requires { f.on_record(std::forward<V>(v), c, emit); })
      f.on_record(std::forward<V>(v), c, emit);
    else  // what takes any record as an lvalue
      f.on_record(v, c, emit);
  }
};

// A copy of the key where that costs nothing and is no view of the record: then the record may be moved from.
template <class Id>
inline constexpr bool outlives_its_record =
    std::is_trivially_copyable_v<std::remove_cvref_t<Id>> && view_in<std::remove_cvref_t<Id>>::owns_its_bytes;
template <class Id>
using id_at_hand = std::conditional_t<outlives_its_record<Id>, std::remove_cvref_t<Id> const, Id&&>;

template <class V, bool Timed, class KeyFn, class F, fixed_string Uid, class Runtime, bool Guarded, class Next>
struct process_stage : forwarding<Next> {
  using key = stored_key_t<std::invoke_result_t<functor<KeyFn> const&, V const&>>;
  using output_type = typename F::output;
  static constexpr bool has_timers = has_on_timer<F>;
  using handles = handles_of<F>;
  using expiry_type = process_expiry<key, F, Runtime>;
  static constexpr bool has_ttl = handles::event_ttl || handles::processing_ttl;
  static constexpr bool has_processing_timers = has_on_processing_timer<F>;
  static constexpr bool acts = has_timers || has_processing_timers || handles::event_ttl || Next::acts;
  static constexpr bool dynamic = Timed || Next::dynamic;
  static constexpr auto uid = Uid;
  using state_type = typename handles::template state<has_timers, has_processing_timers, Runtime::durable>;
  using format =
      std::conditional_t<handles::storable && storable_key<key>,
                         typename handles::template format<has_timers, has_processing_timers, Runtime::durable>,
                         no_process_format>;
  using table = timed_table<key, typename Runtime::template table<key, state_type, format>,
                            typename Runtime::backend_type>;

  KeyFn key_fn;
  F f;
  expiry_type expiry;
  table states;
  // One above the watermark at which a record last set a timer at or behind it: such a timer waits for an advance.
  timestamp floor = min_time;
  std::conditional_t<has_processing_timers, process_clock<key, Runtime>, no_process_clock<Runtime>> clock;

  template <class Env, class Make>
  process_stage(Env const& env, F const& fn, Make const& make)
      : forwarding<Next>(make),
        key_fn(env.key),
        f(fn),
        expiry(f, env.runtime),
        states(env.runtime.backend, uid.view(), expiry.template make_format<format>(), std::chrono::seconds{1}),
        clock(env.runtime, uid.view()) {}

  static std::string kind() { return "process"; }

  // What f hears of the record or the timer at hand. Emit gives to the stages behind. Mistakes in their use have been
  // refused by context_check already.
  template <class K>
  struct context {
    process_stage* self;
    state_type* at;
    K const* id;
    event t;
    event out;          // beside what goes to a side output: stages behind do not know of an advance yet
    timestamp soonest;  // the first time at which a timer set now may fire
    timestamp due = max_time;

    K const& key() const { return *id; }
    timestamp time() const { return t.at; }
    timestamp watermark() const { return t.watermark; }
    void set_timer(timestamp when) {
      if constexpr (has_timers) due = earlier(due, self->file(*id, *at, within_time(when), soonest));
    }
    void delete_timer(timestamp when) { self->unfile(*id, *at, within_time(when)); }
    timestamp processing_time() const { return self->clock.now(); }
    void set_processing_timer(timestamp when) {
      if constexpr (has_processing_timers) self->clock.file(*id, *at, within_time(when));
    }
    void delete_processing_timer(timestamp when) {
      if constexpr (has_processing_timers) self->clock.unfile(*id, *at, within_time(when));
    }
    // max_time stands for no timer: one for the end of time is filed a tick before it, and fires at the end of the input.
    static timestamp within_time(timestamp when) { return earlier(when, max_time - tick); }
    template <fixed_string Name, class T>
    void side(to_tag<Name> name, T&& value) const {
      self->push_aside(name, std::forward<T>(value), out);
    }
  };

  template <fixed_string Name, class T>
  void push_aside(to_tag<Name>, T&& value, event t) {
    if constexpr (!declares_side_output<F, Name>) {
    } else if constexpr (Timed) {
      this->next.template outlet<Name>()->push(std::forward<T>(value), t);
    } else {
      this->next.template outlet<Name>()->push(std::forward<T>(value), untimed{});
    }
  }
  timestamp timer_deadline() const {
    if constexpr (has_timers) return later(states.deadline(), floor);
    return max_time;
  }
  timestamp deadline() const { return earlier(timer_deadline(), expiry.deadline()); }
  template <class K>
  WEIR_NOINLINE timestamp file(K const& id, state_type& s, timestamp when, timestamp soonest) {
    auto const at = std::lower_bound(s.timers.begin(), s.timers.end(), when);
    if (at != s.timers.end() && *at == when) return max_time;
    s.timers.insert(at, when);
    if (when < soonest) floor = soonest;
    if (when < s.filed) states.file(id, s, when);
    return later(when, soonest);
  }
  template <class K>
  WEIR_NOINLINE void unfile(K const& id, state_type& s, timestamp when) {
    auto const at = std::lower_bound(s.timers.begin(), s.timers.end(), when);
    if (at == s.timers.end() || *at != when) return;
    s.timers.erase(at);
    if (s.filed == when) states.file(id, s, s.due());
  }
  WEIR_INLINE void bind(state_type& s, moment in_event_time) {
    if constexpr (has_ttl)
      expiry.bind(s, in_event_time);
    else
      std::apply([&](auto&... h) { s.bind(h...); }, states_of(f));
  }

  template <class KeyOf, class Call>
  struct kernel_for : forwarding_kernel<typename Next::kernel> {
    process_stage* self;
    functor<KeyOf> key_of;
    timestamp due;
    kernel_for(process_stage& s, KeyOf const& k)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s), key_of(k), due(s.deadline()) {}
    template <class T>
    WEIR_INLINE void operator()(T&& v, event t) {
      run(std::forward<T>(v), t, t);
    }
    template <class T>
    WEIR_INLINE void operator()(T&& v, untimed t) {
      run(std::forward<T>(v), event{min_time, min_time}, t);
    }
    WEIR_INLINE timestamp deadline() const {
      if constexpr (has_timers || handles::event_ttl)
        return earlier(due, this->next.deadline());
      else
        return this->next.deadline();
    }

   private:
    template <class T, class Time>
    WEIR_INLINE void run(T&& v, event t, Time time) {
      id_at_hand<decltype(key_of(v))> id = key_of(v);
      if constexpr (handles::processing_ttl) self->expiry.clean_some(self->states);
      state_type& s = self->states.touch(id, [] { return state_type(); });
      self->bind(s, {t.watermark, later(t.at, t.watermark)});
      context<std::remove_cvref_t<decltype(id)>> c{self, &s, &id, t, t, t.watermark + tick};
      // A join says at which time: that of the later of two records.
      auto const emit = [&](auto&& o, auto... at) {
        if constexpr (sizeof...(at) == 0)
          this->next(emitted<output_type>(std::forward<decltype(o)>(o)), time);
        else
          this->next(emitted<output_type>(std::forward<decltype(o)>(o)), event{at..., t.watermark});
      };
      if constexpr (Guarded) {
        try {
          Call{}(self->f, v, c, emit);
        } catch (...) {
          settle(id, s, c, t);  // what f did before it threw stays
          throw;
        }
      } else if constexpr (outlives_its_record<decltype(id)>) {
        Call{}(self->f, std::forward<T>(v), c, emit);
      } else {
        Call{}(self->f, v, c, emit);
      }
      settle(id, s, c, t);
    }
    template <class K>
    WEIR_INLINE void settle(K const& id, state_type& s, context<K> const& c, event t) {
      due = earlier(due, c.due);
      if constexpr (has_processing_timers) self->clock.watermark = later(self->clock.watermark, t.watermark);
      if constexpr (has_ttl) due = earlier(due, self->expiry.settle(id, s));
      if (s.is_empty()) [[unlikely]]
        self->states.erase(key(id));
    }
  };
  using kernel = kernel_for<KeyFn, call_on_record>;
  kernel open() {
    expiry.look_at_clock();
    return kernel(*this, key_fn);
  }
  void commit(kernel const& k) { this->next.commit(k.next); }

  void advance(progress p) {
    if constexpr (has_processing_timers) {
      if (p.now == max_time && clock.end()) fire_by_clock(max_time);
      clock.watermark = later(clock.watermark, p.now);
    }
    if constexpr (has_timers)
      if (timer_deadline() <= p.now) fire(p);
    if constexpr (handles::event_ttl) expiry.clean_up_to(p.now, states);
    this->next.advance(p);
  }
  WEIR_NOINLINE void fire(progress p) {
    expiry.look_at_clock();
    auto k = this->next.open();
    states.advance(
        p.now, [](state_type const& s) { return s.due(); },
        [&](key const& id, state_type& s, timestamp when) {
          s.timers.erase(s.timers.begin());
          states.file(id, s, s.due());
          bind(s, {when, when});
          // A timer that is set here at or behind the watermark fires in this same advance.
          context<key> c{this, &s, &id, event{when, p.now}, event{when, p.before}, min_time};
          f.on_timer(when, c, [&](auto&& o) {
            k(emitted<output_type>(std::forward<decltype(o)>(o)), event{when, p.before});
          });
          if constexpr (has_ttl) expiry.settle(id, s);
          if (s.is_empty()) states.erase(id);
        });
    this->next.commit(k);
  }
  // Those of processing time. Their results carry the earliest time that is not late.
  WEIR_NOINLINE void fire_by_clock(timestamp now) {
    auto k = this->next.open();
    timestamp const watermark = clock.watermark;
    event const t{watermark + tick, watermark};
    clock.advance(now, states, [&](key const& id, state_type& s, timestamp when) {
      bind(s, {watermark, watermark});
      context<key> c{this, &s, &id, t, t, watermark + tick};
      f.on_processing_timer(when, c, [&](auto&& o) {
        if constexpr (Timed)
          k(emitted<output_type>(std::forward<decltype(o)>(o)), t);
        else
          k(emitted<output_type>(std::forward<decltype(o)>(o)), untimed{});
      });
      if constexpr (has_ttl) expiry.settle(id, s);
      if (s.is_empty()) states.erase(id);
    });
    this->next.commit(k);
  }
  // Between batches: processing time has gone on.
  void look_at_clock()
    requires(has_processing_timers || handles::processing_ttl)
  {
    expiry.look_at_clock();
    if constexpr (handles::processing_ttl) expiry.clean_more(states);
    if constexpr (has_processing_timers)
      if (clock.due() <= clock.now()) fire_by_clock(clock.now());
  }
  // When that is to be told next.
  timestamp clock_deadline() const
    requires(has_processing_timers)
  {
    return clock.due();
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class Fn>
  void for_each_table(Fn&& fn) {
    fn(states);
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(floor);
    if constexpr (has_processing_timers) ar(clock.watermark);
  }
  void restored() {
    if constexpr (has_timers) states.restored();
    if constexpr (has_ttl) expiry.restored(states);
    if constexpr (has_processing_timers) clock.restored(states);
  }
};

}  // namespace weir::detail
