// The running side of broadcast: a process stage with a map beside it that is the same for all keys.
#pragma once

#include <weir/error.hpp>
#include <weir/op/keyed/broadcast_facts.hpp>
#include <weir/op/keyed/process_stage.hpp>
#include <weir/state/broadcast_state.hpp>
#include <weir/state/dumped_table.hpp>
#include <weir/state/key_codec.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// What the handles show, and a table for each, which learns of every change and gives all back after a restart.
template <class Runtime, class Handles>
struct broadcast_tables;
template <class Runtime>
struct broadcast_tables<Runtime, std::tuple<>> {
  template <class Backend>
  broadcast_tables(Backend&, std::string_view) {}
  template <std::size_t I = 0, class Handles>
  void bind(Handles const&) {}
  void settle() {}
  void restored() {}
  template <class Fn>
  void for_each_table(Fn&) {}
};
template <class Runtime, class First, class... More>
struct broadcast_tables<Runtime, std::tuple<First&, More...>> {
  using key = typename First::key_type;
  using value = typename First::mapped_type;
  using format = typename Runtime::template value_format<value>;

  typename First::stored entries;
  typename Runtime::template table<key, value, format> table;
  broadcast_tables<Runtime, std::tuple<More...>> more;

  template <class Backend>
  broadcast_tables(Backend& backend, std::string_view uid)
      : table(backend, uid, format(std::string(First::name.view()))), more(backend, uid) {}
  // Once: nothing here moves.
  template <std::size_t I = 0, class Handles>
  void bind(Handles const& handles) {
    std::get<I>(handles).bind(entries);
    more.template bind<I + 1>(handles);
  }
  void settle() {
    for (key const& k : entries.written) {
      auto const at = entries.all.find(k);
      if (at == entries.all.end())
        table.erase(k);
      else
        table.touch(k, [&] { return at->second; }) = at->second;
    }
    entries.written.clear();
    more.settle();
  }
  void restored() {
    table.for_each([&](key const& k, value const& v) { entries.all.insert_or_assign(k, v); });
    more.restored();
  }
  template <class Fn>
  void for_each_table(Fn& fn) {
    fn(table);
    more.for_each_table(fn);
  }
};

// Records of the first input go through the process stage as if there were no second.
template <class V, bool Timed, class KeyFn, class F, fixed_string Uid, class Runtime, class Next>
struct broadcast_stage : process_stage<V, Timed, KeyFn, record_side<F>, Uid, Runtime, false, Next> {
  using base = process_stage<V, Timed, KeyFn, record_side<F>, Uid, Runtime, false, Next>;
  using key = typename base::key;
  using state_type = typename base::state_type;
  using output_type = typename base::output_type;
  using rules_type = broadcast_tables<Runtime, decltype(handles_that_are<true>(states_of(std::declval<F&>())))>;

  rules_type rules;
  bool walking = false;

  template <class Env, class Make>
  broadcast_stage(Env const& env, F const& fn, Make const& make)
      : base(env, record_side<F>{fn}, make), rules(env.runtime.backend, base::uid.view()) {
    rules.bind(handles_that_are<true>(states_of(this->f.f)));
  }
  static std::string kind() { return "broadcast"; }

  // What f hears of a record of the second input.
  struct rule_context {
    broadcast_stage* self;
    state_type* no_one;
    event t;

    timestamp time() const { return t.at; }
    timestamp watermark() const { return t.watermark; }
    timestamp processing_time() const { return self->clock.now(); }
    // These have been refused where f stands in the pipe.
    typename base::key const& key() const {
      throw error("weir::broadcast(rules, f): on_broadcast is for no key");
    }
    void set_timer(timestamp) const {}
    void set_processing_timer(timestamp) const {}
    // fn(key) for each key that keeps something, with the handles bound to it; in the order of their bytes.
    // Error: weir::error inside another for_each_key.
    template <class Fn>
    void for_each_key(Fn&& fn) const {
      walk const all{*self, *no_one, t};
      self->for_each_key(t, fn);
    }
    template <fixed_string Name, class T>
    void side(to_tag<Name> name, T&& value) const {
      self->push_aside(name, std::forward<T>(value), t);
    }
  };

  // While the handles are bound to one key after the other; then they are bound to none again, also where fn throws.
  struct walk {
    broadcast_stage& self;
    state_type& no_one;
    event t;

    walk(broadcast_stage& s, state_type& none, event e) : self(s), no_one(none), t(e) {
      if (std::exchange(self.walking, true))
        throw error(
            "weir::broadcast(rules, f): \"" + std::string(base::uid.view()) +
            "\" calls context.for_each_key inside context.for_each_key; gather the keys in the first, and "
            "call the second behind it");
    }
    walk(walk const&) = delete;
    walk& operator=(walk const&) = delete;
    ~walk() {
      self.walking = false;
      self.bind(no_one, moment_of(t));
    }
  };

  struct second_kernel : forwarding_kernel<typename Next::kernel> {
    broadcast_stage* self;
    explicit second_kernel(broadcast_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s) {}
    template <class T>
    void operator()(T&& v, event t) {
      run(v, t, t);
    }
    template <class T>
    void operator()(T&& v, untimed t) {
      run(v, event{min_time, min_time}, t);
    }
    timestamp deadline() const { return earlier(self->deadline(), this->next.deadline()); }

   private:
    template <class T, class Time>
    void run(T&& v, event t, Time time) {
      if constexpr (std::is_same_v<key, no_key>) {  // operator state is everybody's
        state_type& all = self->states.touch(key(), [] { return state_type(); });
        call(std::forward<T>(v), t, time, all);
        if constexpr (base::has_ttl) self->expiry.settle(key(), all);
        if (all.is_empty()) self->states.erase(key());
      } else {
        state_type no_one;
        call(std::forward<T>(v), t, time, no_one);
        if (!no_one.is_empty())
          throw error(
              "weir::broadcast(rules, f): on_broadcast of \"" + std::string(base::uid.view()) +
              "\" has written the state of a key, and it is for none; do that in context.for_each_key(f)");
      }
      self->rules.settle();
    }
    template <class T, class Time>
    void call(T&& v, event t, Time time, state_type& bound) {
      self->bind(bound, self->moment_of(t));
      rule_context c{self, &bound, t};
      self->f.f.on_broadcast(
          v, c, [&](auto&& o) { this->next(emitted<output_type>(std::forward<decltype(o)>(o)), time); });
    }
  };
  template <class RuleKey>
  second_kernel open_second(RuleKey const&) {
    this->expiry.look_at_clock();
    return second_kernel(*this);
  }
  void commit_second(second_kernel const& k) { this->next.commit(k.next); }

  static moment moment_of(event t) { return {t.watermark, later(t.at, t.watermark)}; }

  // A durable table writes whatever has been looked up in it, so there fn has copies, and those that it has changed go back.
  template <class Fn>
  void for_each_key(event t, Fn& fn) {
    struct entry {
      std::string bytes;
      key k;
      std::conditional_t<Runtime::durable, state_type, none> copy;
    };
    std::vector<entry> all;
    this->states.for_each([&](key const& k, state_type const& s) {
      if constexpr (Runtime::durable)
        all.push_back({{}, k, s});
      else
        all.push_back({{}, k, {}});
      if constexpr (has_key_codec<key>) encode_key(k, all.back().bytes);
    });
    std::sort(all.begin(), all.end(), [](entry const& a, entry const& b) { return a.bytes < b.bytes; });
    for (entry& e : all) {
      state_type* s;
      if constexpr (Runtime::durable) {
        e.copy.bring_all();
        stored_parts const before = stored(e.copy);
        call_for(e.k, e.copy, t, fn);
        if (stored(e.copy) == before) continue;
        s = this->states.find(e.k);
        s->take(std::move(e.copy));
      } else {
        s = this->states.find(e.k);
        call_for(e.k, *s, t, fn);
      }
      if constexpr (base::has_ttl) this->expiry.settle(e.k, *s);
      if (s->is_empty()) this->states.erase(e.k);
    }
  }
  template <class Fn>
  void call_for(key const& k, state_type& s, event t, Fn& fn) {
    this->bind(s, moment_of(t));
    fn(k);
    if constexpr (base::has_ttl) std::apply([&](auto&... h) { s.settle(h...); }, states_of(this->f));
  }
  stored_parts stored(state_type const& s) const {
    stored_parts parts;
    parts_out out(parts);
    typename base::format{}.save(s, true,
                                 out);  // what has expired is not left out: it may only just have been met
    return parts;
  }

  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class Fn>
  void for_each_table(Fn&& fn) {
    base::for_each_table(fn);
    rules.for_each_table(fn);
  }
  void restored() {
    base::restored();
    rules.restored();
  }
};

}  // namespace weir::detail
