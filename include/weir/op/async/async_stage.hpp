// The running side of async_map.
#pragma once

#include <weir/core/pump.hpp>
#include <weir/core/stage.hpp>
#include <weir/error.hpp>
#include <weir/op/async/answers.hpp>
#include <weir/op/async/async_options.hpp>
#include <weir/op/async/worker_pool.hpp>
#include <weir/op/keyed/process_clock.hpp>
#include <weir/state/codec.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

template <class F, class V, class T>
concept answers_later = requires(F const& f, V const& v, async_result<T> r) { f(v, std::move(r)); };
template <class F, class V, class T>
concept answers_timeouts = requires(F const& f, V const& v) {
  { f.on_timeout(v) } -> std::convertible_to<T>;
};
template <class F, class V, class T>
concept answers_failures = requires(F const& f, V const& v, std::exception_ptr e) {
  { f.on_failure(v, e) } -> std::convertible_to<T>;
};

// A record waits here until it has its result and, where they are ordered, until those before it have theirs. The watermark
// behind is never past the one that came with the oldest record here, so that waiting makes no record late.
template <class V, class T, bool Timed, class F, fixed_string Uid, class Runtime, class Next>
struct async_stage {
  static constexpr bool acts = true;
  static constexpr bool dynamic = Timed || Next::dynamic;
  static constexpr bool idles = may_idle<Next>;
  static constexpr bool clocked = has_clock<Next>;
  static constexpr bool waits = true;
  static constexpr auto uid = Uid;
  static constexpr bool by_threads = !answers_later<F, V, T>;

  // What is saved of a call is its record: after a restart it is made anew.
  struct saved_call {
    V record;
    event t;                      // with which it came
    std::vector<timestamp> then;  // the watermarks that came behind it and wait for it
    std::uint64_t split;
    template <class Ar>
    void state(Ar& ar) {
      ar(record), ar(t.at), ar(t.watermark), ar(then), ar(split);
    }
  };
  struct call {
    std::uint64_t id;
    std::shared_ptr<V const> record;  // with a thread that has not come to its end in time
    event t;
    std::vector<timestamp> then;
    std::uint64_t split;
    std::optional<T> value{};
    std::shared_ptr<pending_call<T>> pending{};  // the last try, of one that waits for a thread
    timestamp until = max_time, again = max_time;
    std::size_t tries = 0;
  };

  F f;
  async_options options;
  Runtime const* runtime;
  std::uint64_t &retried, &timeouts;
  std::deque<std::unique_ptr<call>> calls;  // in the order of their records
  std::uint64_t ids = 0;
  timestamp heard = min_time;  // the last watermark from above
  timestamp held = min_time;   // the last that went on with a record, or waits for the next deadline behind
  timestamp due = max_time;    // when calls are to be looked at: a timeout, a retry
  bool told_idle = false,
       idle = false;  // what those behind know, and what they are to know once nothing waits here
  void (*tell_idle)(async_stage&, typename Next::kernel&) = nullptr;
  std::size_t current = 0, selected = 0;  // the split that is read, and the one that the stages behind know of
  std::shared_ptr<answers<T>> arrived = std::make_shared<answers<T>>();
  pump<Next> out;
  std::optional<worker_pool<>> threads{};  // last: they end before what they use

  template <class Env, class Make>
  async_stage(Env const& env, F const& fn, async_options const& o, Make const& make)
      : f(fn),
        options(o),
        runtime(&env.runtime),
        retried(env.runtime.counters.get(uid.view(), "retries")),
        timeouts(env.runtime.counters.get(uid.view(), "timeouts")),
        out(make) {
    if constexpr (by_threads) threads.emplace(options.threads);
  }
  async_stage(async_stage const&) = delete;

  static std::string kind() { return "async_map"; }

  struct kernel {
    async_stage* self;
    typename Next::kernel next;
    template <class X>
    WEIR_INLINE void operator()(X&& v, event t) {
      self->submit(next, std::forward<X>(v), t);
    }
    template <class X>
    WEIR_INLINE void operator()(X&& v, untimed) {
      self->submit(next, std::forward<X>(v), event{min_time, min_time});
    }
    // While records wait each step of the watermark is kept behind the last of them.
    WEIR_INLINE timestamp deadline() const {
      return self->calls.empty() ? next.deadline() : saturating_add(self->heard, tick);
    }
    WEIR_INLINE timestamp clock() const { return next.clock(); }
  };
  kernel open() {
    if (selected != current) out.next.select(selected = current);
    return {this, out.next.open()};
  }
  void commit(kernel const& k) { out.next.commit(k.next); }

  template <class X>
  WEIR_NOINLINE void submit(typename Next::kernel& k, X&& v, event t) {
    while (calls.size() >= options.capacity) {
      collect(k);
      if (calls.size() < options.capacity) break;
      if (stopping()) break;  // what is left of the batch waits with the others, in the last checkpoint
      wait();
    }
    if constexpr (clocked) select_behind(k, current);
    heard = later(heard, t.watermark);
    calls.push_back(
        std::make_unique<call>(call{ids++, std::make_shared<V const>(std::forward<X>(v)), t, {}, current}));
    begin(*calls.back());
  }
  bool stopping() const { return runtime->retried != nullptr && runtime->retried->stopping(); }
  // The clock of the system may be set; what waits here does not notice.
  timestamp now() const {
    if constexpr (requires { runtime->processing_time; })
      return runtime->processing_time;  // a test moves it by hand
    else
      return timestamp{std::chrono::floor<duration>(std::chrono::steady_clock::now().time_since_epoch())};
  }

  // The first try.
  void begin(call& c) {
    if (options.timeout != duration::zero()) {
      timestamp const end = saturating_add(now(), options.timeout);
      if constexpr (!by_threads) c.until = end;
      due = earlier(due, by_threads ? saturating_add(now(), options.timeout / 8) : end);
    }
    try_once(c);
  }
  void try_once(call& c) {
    ++c.tries;
    c.again = max_time;
    auto const pending = std::make_shared<pending_call<T>>(arrived, c.id);
    if constexpr (by_threads) {
      c.pending = pending;
      threads->run([pending, record = c.record, &fn = std::as_const(f)] {
        if (!pending->begin()) return;  // it is over already
        async_result<T> const result(pending);
        try {
          result(static_cast<T>(std::invoke(fn, *record)));
        } catch (...) {
          result.fail(std::current_exception());
        }
      });
    } else {
      try {
        std::as_const(f)(*c.record, async_result<T>(pending));
      } catch (...) {
        async_result<T>(pending).fail(std::current_exception());
      }
    }
  }

  // Whatever has come goes on, in so far as it may.
  void collect(typename Next::kernel& k) {
    for (answer<T>& a : arrived->take()) {
      auto const at = std::lower_bound(calls.begin(), calls.end(), a.call,
                                       [](auto const& c, std::uint64_t id) { return c->id < id; });
      if (at == calls.end() || (*at)->id != a.call) continue;  // too late
      call& c = **at;
      if (c.value) continue;  // a second try was faster
      if (a.value)
        c.value.emplace(std::move(*a.value));
      else if (c.again == max_time)
        failed(c, a.error);
    }
    if (timestamp const t = now(); t >= due) look_at_calls(t);
    for (std::size_t i = 0; i < calls.size() && (options.unordered || i == 0);)
      if (calls[i]->value)
        give(k, i);
      else
        ++i;
    if (tell_idle && calls.empty()) tell_idle(*this, k);
  }
  void failed(call& c, std::exception_ptr const& error) {
    if (c.tries < options.tries) {
      ++retried;
      std::size_t const doublings = std::min<std::size_t>(c.tries - 1, 20);
      c.again = saturating_add(now(), options.pause * (std::int64_t{1} << doublings));
      due = earlier(due, c.again);
    } else if constexpr (answers_failures<F, V, T>) {
      c.value.emplace(std::as_const(f).on_failure(*c.record, error));
    } else {
      std::rethrow_exception(error);
    }
  }
  WEIR_COLD void look_at_calls(timestamp t) {
    due = max_time;
    for (auto const& at : calls) {
      call& c = *at;
      if (c.value) continue;
      if (by_threads && c.until == max_time && options.timeout != duration::zero()) {
        if (c.pending->begun())
          c.until = saturating_add(t, options.timeout);
        else
          due = earlier(due, saturating_add(t, options.timeout / 8));
      }
      if (c.until <= t) {
        time_out(c);
        continue;
      }
      if (c.again <= t) try_once(c);
      due = earlier(due, earlier(c.until, c.again));
    }
  }
  void time_out(call& c) {
    ++timeouts;
    if (c.pending) c.pending->abandon();
    if constexpr (answers_timeouts<F, V, T>)
      c.value.emplace(std::as_const(f).on_timeout(*c.record));
    else
      throw error(
          "weir::async_map \"" + std::string(uid.view()) + "\": no answer within " +
          std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout).count()) +
          " ms, after " + std::to_string(c.tries) + " tries; give more time, or give f an on_timeout(record)");
  }

  void give(typename Next::kernel& k, std::size_t i) {
    timestamp const watermark = calls.front()->t.watermark;
    std::unique_ptr<call> const c = std::move(calls[i]);
    calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(i));
    select_behind(k, static_cast<std::size_t>(c->split));
    if constexpr (Timed) {
      timestamp const before = told();
      held = later(held, watermark);
      out.push(k, std::move(*c->value), event{c->t.at, watermark}, before);
      if (i > 0)
        calls[i - 1]->then.insert(calls[i - 1]->then.end(), c->then.begin(), c->then.end());
      else
        for (timestamp const w : c->then) step(k, w, &w == &c->then.back());
    } else {
      k(std::move(*c->value), untimed{});
    }
  }
  // What was in force behind until now.
  timestamp told() const { return later(held, out.delivered); }
  // As from an assigner of time: exact at each deadline, and where it stops.
  void step(typename Next::kernel& k, timestamp watermark, bool last) {
    timestamp const before = told();
    held = later(held, watermark);
    if (watermark > out.delivered && (last || watermark >= k.deadline()))
      k = out.cross(std::move(k), {before, watermark});
  }
  void select_behind(typename Next::kernel& k, std::size_t split) {
    if (split == selected) return;
    out.next.commit(k);
    out.next.select(selected = split);
    k = out.next.open();
  }

  // Until an answer comes or something is due, or for a moment: a stop wakes nobody.
  void wait() {
    using std::chrono::steady_clock;
    if constexpr (requires { runtime->processing_time; }) {
      auto const until = steady_clock::now() + std::chrono::seconds{10};
      arrived->wait(until);
      if (steady_clock::now() >= until)
        throw error(
            "weir::testing::test_driver: async_map \"" + std::string(uid.view()) +
            "\" has had no answer for 10 s, and its test does not move processing time; answer a call first");
    } else {
      constexpr duration longest = std::chrono::milliseconds{10};
      duration const left = due == max_time ? longest : due - now();
      arrived->wait(steady_clock::now() + std::clamp(left, duration::zero(), longest));
    }
  }
  void wait_for_all() {
    if (calls.empty()) return;
    auto k = out.next.open();
    for (collect(k); !calls.empty(); collect(k)) wait();
    out.next.commit(k);
  }

  // Between batches.
  void look_at_clock() {
    if (calls.empty()) return;
    auto k = out.next.open();
    collect(k);
    out.next.commit(k);
  }
  // No source waits long while there are calls.
  timestamp clock_deadline() const {
    if (calls.empty()) return max_time;
    duration const poll = std::chrono::milliseconds{1};
    return saturating_add(processing_time_of(*runtime), due == max_time ? poll : std::min(poll, due - now()));
  }

  void advance(progress p) {
    heard = later(heard, p.now);
    if (p.now == max_time) wait_for_all();
    if (calls.empty())
      out.deliver({later(told(), p.before), p.now});
    else if (calls.back()->then.empty() || calls.back()->then.back() < p.now)
      calls.back()->then.push_back(p.now);
  }
  // Who is idle still has the records that wait here.
  void set_idle(bool i) {
    idle = i;
    tell_idle = [](async_stage& s, typename Next::kernel& k) {
      if (s.told_idle == s.idle) return;
      s.out.next.commit(k);
      s.out.next.set_idle(s.told_idle = s.idle);
      k = s.out.next.open();
    };
    if (told_idle == idle || (idle && !calls.empty())) return;
    out.next.set_idle(told_idle = idle);
  }
  bool waits_for(std::size_t split) const {
    return std::any_of(calls.begin(), calls.end(), [split](auto const& c) { return c->split == split; });
  }
  void waited(std::size_t split, duration d) {
    if (!waits_for(split)) out.next.waited(split, d);
  }
  bool look_for_idle(std::size_t split) { return !waits_for(split) && out.next.look_for_idle(split); }
  duration until_idle(std::size_t split) const {
    return waits_for(split) ? duration::max() : out.next.until_idle(split);
  }
  bool is_idle(std::size_t split) const { return out.next.is_idle(split); }
  timestamp clock_of(std::size_t split) const { return out.next.clock_of(split); }
  void splits(std::size_t n) {
    out.next.splits(n);
    selected = 0;
  }
  void select(std::size_t split) { current = split; }
  void finish(std::size_t split) {
    wait_for_all();
    out.next.finish(split);
    selected = split;  // as the stages behind have it now
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    out.visit(v);
  }
  template <class Ar>
  void state(Ar& ar) {
    if constexpr (has_codec<V>) {
      std::vector<saved_call> all;
      if constexpr (!Ar::loading())
        for (auto const& c : calls) all.push_back({*c->record, c->t, c->then, c->split});
      ar(heard), ar(held), ar(out.delivered), ar(all);
      if constexpr (Ar::loading()) {
        calls.clear();
        for (saved_call& c : all)
          calls.push_back(std::make_unique<call>(
              call{ids++, std::make_shared<V const>(std::move(c.record)), c.t, std::move(c.then), c.split}));
      }
    }
  }
  void restored() {
    for (auto const& c : calls) begin(*c);
  }
  template <fixed_string Name>
  auto outlet() {
    return out.template outlet<Name>();
  }
};

}  // namespace detail
}  // namespace weir
