// The running side of session windows: one session inline for each key, further ones (out of order) behind a pointer, and
// one lazy timer a key.
#pragma once

#include <weir/core/stage.hpp>
#include <weir/op/windowed/aggregate_list.hpp>
#include <weir/op/windowed/behind_window.hpp>
#include <weir/op/windowed/late_records.hpp>
#include <weir/op/windowed/session_state.hpp>
#include <weir/state/timed_table.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

template <class V, class KeyFn, class Functions, class Spec, class Names, class Runtime, class Next>
struct session_stage : forwarding<Next> {
  using types = window_types<V, KeyFn, Functions>;
  using key = typename types::key;
  using acc = typename types::acc;
  using row_type = typename types::result;
  using state_type = session_state<acc, Spec::refires, Runtime::durable>;
  using session = typename state_type::session;
  using format = session_format<acc, Spec::refires, Runtime::durable>;
  using table = timed_table<key, typename Runtime::template table<key, state_type, format>,
                            typename Runtime::backend_type>;
  static constexpr bool acts = true;
  static constexpr bool dynamic = true;
  static constexpr bool refires = Spec::refires;
  static constexpr auto uid = Names::uid;

  KeyFn key_fn;
  Functions functions;
  duration gap, lateness;
  table sessions;
  late_records<Spec, Next> late;

  template <class Env, class Make>
  session_stage(Env const& env, Functions const& f, Make const& make)
      : forwarding<Next>(make),
        key_fn(env.key),
        functions(f),
        gap(env.window.assigner.gap),
        lateness(env.window.lateness),
        sessions(env.runtime.backend, uid.view(), format{env.window.lateness}, gap / 8),
        late(env, uid.view(), this->next) {}
  acc zero() const { return functions.template zero<V>(); }
  static std::string kind() { return std::string("session windows") + time_of_windows<Spec>(); }

  struct kernel : forwarding_kernel<typename Next::kernel> {
    session_stage* self;
    functor<KeyFn> key_of;
    functor<Functions> functions;
    duration gap;
    timestamp due;
    explicit kernel(session_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()),
          self(&s),
          key_of(s.key_fn),
          functions(s.functions),
          gap(s.gap),
          due(s.sessions.deadline()) {}
    template <class T>
    WEIR_INLINE void operator()(T&& v, event t) {
      auto&& id = key_of(v);
      state_type& s =
          self->sessions.touch(id, [f = functions] { return state_type(f.get().template zero<V>()); });
      // Modulo 2^64: past the end of time it is before every session, and place() finds the right end.
      timestamp const end = from_ticks(static_cast<std::int64_t>(static_cast<std::uint64_t>(ticks(t.at)) +
                                                                 static_cast<std::uint64_t>(ticks(gap))));
      if (s.is_plain() && t.at <= s.live.end && end >= s.live.start) [[likely]] {
        s.live.start = earlier(s.live.start, t.at);
        s.live.end = later(s.live.end, end);
        functions.get().add(s.live.acc, v);
      } else {
        auto const p = self->place(id, s, v, t);
        due = earlier(due, p.due);
        if constexpr (refires)
          if (p.refired) {
            time_window const w{p.start, p.end};
            this->next(functions.get().template make_row<row_type>(key(id), w, p.total),
                       event{w.last(), t.watermark});
          }
      }
    }
    WEIR_INLINE timestamp deadline() const { return earlier(due, this->next.deadline()); }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }

  // A first session of a key, a second one, a merge of several, a late record, or one that makes a session fire again.
  struct plain_placed {
    timestamp due = max_time;  // the deadline that it made
  };
  struct refiring_placed : plain_placed {
    bool refired = false;
    timestamp start{}, end{};
    acc total{};
  };
  using placed = std::conditional_t<refires, refiring_placed, plain_placed>;

  template <class K, class T>
  WEIR_NOINLINE placed place(K const& id, state_type& s, T const& v, event t) {
    session made(t.at, saturating_add(t.at, gap), zero());
    bool merged = false;
    std::vector<session> rest;
    s.for_each([&](session& o) {
      if (o.start > made_end(t) || t.at > o.end) {
        rest.push_back(std::move(o));
        return;
      }
      made.start = earlier(made.start, o.start), made.end = later(made.end, o.end);
      if (merged)
        functions.merge(made.acc, o.acc);
      else
        made.acc = std::move(o.acc);
      merged = true;
    });
    placed p;
    // Merging comes before the test of lateness: what merges with a live session is not late.
    if (!merged && saturating_add(made.end - tick, lateness) <= t.watermark) {
      s.replace(std::move(rest));
      if (s.empty()) sessions.erase(id);
      late.push(v, t);
      return p;
    }
    functions.add(made.acc, v);
    if constexpr (refires) {
      made.fired = made.end - tick <= t.watermark;
      if (made.fired) p.refired = true, p.start = made.start, p.end = made.end, p.total = made.acc;
    }
    s.replace(std::move(made), std::move(rest));
    if (timestamp const due = s.due(lateness); due < s.filed) {
      sessions.file(id, s, due);
      p.due = due;
    }
    return p;
  }
  timestamp made_end(event t) const { return saturating_add(t.at, gap); }

  void advance(progress p) {
    tell_watermark(this->next, p.now);
    if (sessions.deadline() <= p.now) {
      auto k = this->next.open();
      sessions.advance(
          p.now, [this](state_type const& s) { return s.due(lateness); },
          [&](key const& id, state_type& s, timestamp at) { fire(k, id, s, at, p.before); });
      this->next.commit(k);
    }
    this->next.advance(p);
  }
  void fire(typename Next::kernel& k, key const& id, state_type& s, timestamp at, timestamp before) {
    std::vector<session> rest;
    s.for_each([&](session& o) {
      if (o.due(lateness) != at) {
        rest.push_back(std::move(o));
        return;
      }
      time_window const w{o.start, o.end};
      if constexpr (refires) {
        if (!o.fired) k(functions.template make_row<row_type>(id, w, o.acc), event{w.last(), before});
        bool const stays = !o.fired && lateness > duration::zero();
        o.fired = true;
        if (stays) rest.push_back(std::move(o));
      } else {
        k(functions.template make_row<row_type>(id, w, o.acc), event{w.last(), before});
      }
    });
    if (rest.empty()) {
      sessions.erase(id);
      return;
    }
    s.replace(std::move(rest));
    sessions.file(id, s, s.due(lateness));
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class F>
  void for_each_table(F&& f) {
    for_each_table_behind(this->next, f);
    f(sessions);
  }
  template <class Ar>
  void state(Ar&) {}
  void restored() { sessions.restored(); }
};

}  // namespace weir::detail
