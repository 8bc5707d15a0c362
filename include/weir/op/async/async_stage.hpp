// The running side of async_map.
#pragma once

#include <weir/core/pump.hpp>
#include <weir/core/stage.hpp>
#include <weir/error.hpp>
#include <weir/op/async/answers.hpp>
#include <weir/op/async/worker_pool.hpp>
#include <weir/op/keyed/process_clock.hpp>
#include <weir/state/codec.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// How async_map calls its function.
struct async_options {
  std::size_t capacity = 100;  // calls that are under way at once; a further record waits
  std::size_t threads = 4;     // which call f(record); none are started for f(record, result)
  // From the first try of a call to the answer of the last, in processing time; zero: no limit.
  duration timeout = duration::zero();
  std::size_t tries = 1;                            // for a call that fails
  duration pause = std::chrono::milliseconds{100};  // before the second; before each further one twice as long
  bool unordered = false;                           // results in the order in which they come

  void check() const {
    if (capacity == 0) throw config_error("weir::async_map: capacity is zero; give a positive number");
    if (threads == 0) throw config_error("weir::async_map: threads is zero; give a positive number");
    if (tries == 0) throw config_error("weir::async_map: tries is zero; 1 is the first and only one");
    if (timeout < duration::zero() || pause < duration::zero())
      throw config_error("weir::async_map: timeout or pause is negative");
  }
};

namespace detail {

template <class F, class V, class T>
concept answers_later = requires(F const& f, V const& v, async_result<T> r) { f(v, std::move(r)); };
template <class F, class V, class T>
concept answers_timeouts = requires(F const& f, V const& v) { T(f.on_timeout(v)); };
template <class F, class V, class T>
concept answers_failures = requires(F const& f, V const& v, std::exception_ptr e) { T(f.on_failure(v, e)); };

// A record waits here until it has its result and, where they are ordered, until those before it have theirs. The watermark
// behind is never past the one that came with the oldest record here, so that waiting makes no record late.
template <class V, class T, bool Timed, class F, fixed_string Uid, class Runtime, class Next>
struct async_stage {
  static constexpr bool acts = true;
  static constexpr bool dynamic = Timed || Next::dynamic;
  static constexpr bool idles = may_idle<Next>;
  static constexpr bool clocked = has_clock<Next>;
  static constexpr auto uid = Uid;

  // What is saved of a call is its record: after a restart it is made anew.
  struct saved_call {
    V record;
    event t;                            // with which it came
    timestamp before;                   // the watermark in force before the last
    progress then{min_time, min_time};  // what came behind it and waits for it
    std::uint64_t split;
    template <class Ar>
    void state(Ar& ar) {
      ar(record), ar(t.at), ar(t.watermark), ar(before), ar(then.before), ar(then.now), ar(split);
    }
  };
  struct call {
    std::uint64_t id;
    std::shared_ptr<V const> record;  // with a thread that has not come to its end in time
    event t;
    timestamp before;
    progress then;
    std::uint64_t split;
    std::optional<T> value{};
    timestamp until = max_time, again = max_time;
    std::size_t tries = 0;
  };

  F f;
  async_options options;
  Runtime const* runtime;
  std::uint64_t &retried, &timeouts;
  std::deque<call> calls;  // in the order of their records
  std::uint64_t ids = 0;
  timestamp before = min_time;  // the watermark of the last record
  timestamp due = max_time;     // when the first timeout or retry is
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
    if constexpr (!answers_later<F, V, T>) threads.emplace(options.threads);
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
    // A record brings its watermark along, and waits with it.
    WEIR_INLINE timestamp deadline() const { return max_time; }
    WEIR_INLINE timestamp clock() const { return next.clock(); }
  };
  kernel open() { return {this, out.next.open()}; }
  void commit(kernel const& k) { out.next.commit(k.next); }

  template <class X>
  WEIR_NOINLINE void submit(typename Next::kernel& k, X&& v, event t) {
    while (calls.size() >= options.capacity) {
      collect(k);
      if (calls.size() >= options.capacity) wait();
    }
    calls.push_back({ids++,
                     std::make_shared<V const>(std::forward<X>(v)),
                     t,
                     std::exchange(before, t.watermark),
                     {min_time, min_time},
                     current});
    begin(calls.back());
  }
  timestamp now() const { return processing_time_of(*runtime); }

  // The first try.
  void begin(call& c) {
    if (options.timeout != duration::zero())
      due = earlier(due, c.until = saturating_add(now(), options.timeout));
    try_once(c);
  }
  void try_once(call& c) {
    ++c.tries;
    c.again = max_time;
    async_result<T> const result(std::make_shared<pending_call<T>>(arrived, c.id));
    if constexpr (answers_later<F, V, T>) {
      try {
        f(*c.record, result);
      } catch (...) {
        result.fail(std::current_exception());
      }
    } else {
      threads->run([result, record = c.record, this] {
        try {
          result(T(f(*record)));
        } catch (...) {
          result.fail(std::current_exception());
        }
      });
    }
  }

  // Whatever has come goes on, in so far as it may.
  void collect(typename Next::kernel& k) {
    for (answer<T>& a : arrived->take()) {
      auto const at = std::lower_bound(calls.begin(), calls.end(), a.call,
                                       [](call const& c, std::uint64_t id) { return c.id < id; });
      if (at == calls.end() || at->id != a.call || at->value) continue;  // too late, or a second try was faster
      if (a.value)
        at->value = std::move(a.value);
      else if (at->again == max_time)
        failed(*at, a.error);
    }
    if (timestamp const t = now(); t >= due) look_at_calls(t);
    for (std::size_t i = 0; i < calls.size() && (options.unordered || i == 0);)
      if (calls[i].value)
        give(k, i);
      else
        ++i;
    if constexpr (Timed)
      if (!calls.empty()) move_on(k, {calls.front().before, calls.front().t.watermark});
    if (tell_idle && calls.empty()) tell_idle(*this, k);
  }
  void failed(call& c, std::exception_ptr const& error) {
    if (c.tries < options.tries) {
      ++retried;
      std::size_t const doublings = std::min<std::size_t>(c.tries - 1, 20);
      c.again = saturating_add(now(), options.pause * (std::int64_t{1} << doublings));
      due = earlier(due, c.again);
    } else if constexpr (answers_failures<F, V, T>) {
      c.value.emplace(T(f.on_failure(*c.record, error)));
    } else {
      std::rethrow_exception(error);
    }
  }
  WEIR_COLD void look_at_calls(timestamp t) {
    due = max_time;
    for (call& c : calls) {
      if (c.value) continue;
      if (c.until <= t) {
        ++timeouts;
        if constexpr (answers_timeouts<F, V, T>)
          c.value.emplace(T(f.on_timeout(*c.record)));
        else
          throw error(
              "weir::async_map \"" + std::string(uid.view()) + "\": no answer within " +
              std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout).count()) +
              " ms, after " + std::to_string(c.tries) +
              " tries; give more time, or give f an on_timeout(record)");
        continue;
      }
      if (c.again <= t) try_once(c);
      due = earlier(due, earlier(c.until, c.again));
    }
  }

  void give(typename Next::kernel& k, std::size_t i) {
    auto const at = calls.begin() + static_cast<std::ptrdiff_t>(i);
    call c = std::move(*at);
    event const t{c.t.at, calls.front().t.watermark};
    timestamp const front_before = calls.front().before;
    if (i > 0 && c.then.now > calls[i - 1].then.now) calls[i - 1].then = c.then;
    calls.erase(at);
    if (c.split != selected) {
      out.next.commit(k);
      out.next.select(selected = static_cast<std::size_t>(c.split));
      k = out.next.open();
    }
    if constexpr (Timed) {
      out.push(k, std::move(*c.value), t, front_before);
      if (i == 0) move_on(k, c.then);
    } else {
      k(std::move(*c.value), untimed{});
    }
  }
  void move_on(typename Next::kernel& k, progress p) {
    if (p.now > out.delivered) k = out.cross(std::move(k), p);
  }

  // Until an answer comes or something is due.
  void wait() {
    using std::chrono::steady_clock;
    constexpr std::chrono::seconds longest{10};
    if constexpr (requires { runtime->processing_time; }) {
      auto const until = steady_clock::now() + longest;
      arrived->wait(until);
      if (steady_clock::now() >= until)
        throw error(
            "weir::testing::test_driver: async_map \"" + std::string(uid.view()) +
            "\" has had no answer for 10 s, and its test does not move processing time; answer a call first");
    } else {
      duration const left =
          std::clamp<duration>(due == max_time ? longest : due - now(), duration::zero(), longest);
      arrived->wait(steady_clock::now() + left);
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
    return earlier(due, saturating_add(now(), duration{std::chrono::milliseconds{1}}));
  }

  void advance(progress p) {
    if (p.now == max_time) wait_for_all();
    if (calls.empty())
      out.deliver(p);
    else
      calls.back().then = p;
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
    return std::any_of(calls.begin(), calls.end(), [split](call const& c) { return c.split == split; });
  }
  void waited(std::size_t split, duration d) {
    if (!waits_for(split)) out.next.waited(split, d);
  }
  bool look_for_idle(std::size_t split) { return !waits_for(split) && out.next.look_for_idle(split); }
  duration until_idle(std::size_t split) const {
    return waits_for(split) ? duration::max() : out.next.until_idle(split);
  }
  bool is_idle(std::size_t split) const { return out.next.is_idle(split); }
  void splits(std::size_t n) { out.next.splits(n); }
  void select(std::size_t split) { current = split; }
  void finish(std::size_t split) {
    wait_for_all();
    out.next.finish(split);
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
        for (call const& c : calls) all.push_back({*c.record, c.t, c.before, c.then, c.split});
      ar(before), ar(out.delivered), ar(all);
      if constexpr (Ar::loading()) {
        calls.clear();
        for (saved_call& c : all)
          calls.push_back(
              {ids++, std::make_shared<V const>(std::move(c.record)), c.t, c.before, c.then, c.split});
      }
    }
  }
  void restored() {
    for (call& c : calls) begin(c);
  }
  template <fixed_string Name>
  auto outlet() {
    return out.template outlet<Name>();
  }
};

}  // namespace detail
}  // namespace weir
