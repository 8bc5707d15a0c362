// What is known at compile time about the function of broadcast, and f as the records of the first input see it.
#pragma once

#include <weir/op/keyed/process_facts.hpp>

#include <concepts>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <bool Broadcast, class... H>
auto handles_that_are(std::tuple<H&...> all) {
  return std::apply(
      [](auto&... h) {
        auto const take = []<class Handle>(Handle& one) {
          if constexpr (kept_by_broadcast<Handle> == Broadcast)
            return std::tuple<Handle&>(one);
          else
            return std::tuple<>();
        };
        return std::tuple_cat(take(h)...);
      },
      all);
}

// A process function with the handles of keys alone, which cannot write the others.
template <class F>
struct record_side {
  using output = typename F::output;
  using side_outputs = typename declared_outputs<F>::type;
  F f;

  auto states() { return handles_that_are<false>(states_of(f)); }
  template <class V, class Context, class Emit>
  WEIR_INLINE void on_record(V&& v, Context& c, Emit const& emit) const {
    f.on_record(std::forward<V>(v), c, emit);
  }
  template <class Context, class Emit>
    requires has_on_timer<F const>
  void on_timer(timestamp when, Context& c, Emit const& emit) const {
    f.on_timer(when, c, emit);
  }
  template <class Context, class Emit>
    requires has_on_processing_timer<F const>
  void on_processing_timer(timestamp when, Context& c, Emit const& emit) const {
    f.on_processing_timer(when, c, emit);
  }
};

// Contexts and emit that say in words what f does wrong with them: see op/process.hpp.
template <class F, class Key>
struct broadcast_context_check : context_archetype<Key> {
  Key const& key() const {
    constexpr bool the_stream_has_a_key = !std::is_same_v<Key, no_key>;
    static_assert(the_stream_has_a_key,
                  "weir::broadcast(rules, f): context.key() on a stream without key; put key_by(f) before it");
    return context_archetype<Key>::key();
  }
  void set_timer(timestamp) const {
    constexpr bool f_has_on_timer = has_on_timer<F>;
    static_assert(f_has_on_timer,
                  "weir::broadcast(rules, f): set_timer without on_timer(timestamp, context, emit) in f");
  }
  void set_processing_timer(timestamp) const {
    constexpr bool f_has_on_processing_timer = has_on_processing_timer<F>;
    static_assert(f_has_on_processing_timer,
                  "weir::broadcast(rules, f): set_processing_timer without on_processing_timer(timestamp, "
                  "context, emit) in f");
  }
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {
    constexpr bool f_declares_it = declares_side_output<F, Name>;
    static_assert(
        f_declares_it,
        "weir::broadcast(rules, f): f has no side output of this name; add it to `using side_outputs`");
  }
};
// For on_broadcast: there is no key at hand, but all of them can be gone through.
template <class F, class Key>
struct rule_context_check {
  timestamp time() const { __builtin_unreachable(); }
  timestamp watermark() const { __builtin_unreachable(); }
  timestamp processing_time() const { __builtin_unreachable(); }
  template <class T = Key>
  Key const& key() const {
    refuse<T>();
  }
  template <class T = Key>
  void set_timer(timestamp) const {
    refuse<T>();
  }
  template <class T = Key>
  void set_processing_timer(timestamp) const {
    refuse<T>();
  }
  template <class Fn>
  void for_each_key(Fn&& fn) const {
    constexpr bool the_stream_has_a_key = !std::is_same_v<Key, no_key>;
    static_assert(the_stream_has_a_key,
                  "weir::broadcast(rules, f): for_each_key on a stream without key; put key_by(f) before it");
    if constexpr (the_stream_has_a_key) fn(context_archetype<Key>{}.key());
  }
  template <fixed_string Name, class T>
  void side(to_tag<Name> name, T&& value) const {
    broadcast_context_check<F, Key>{}.side(name, std::forward<T>(value));
  }

 private:
  template <class T>
  [[noreturn]] static void refuse() {
    constexpr bool there_is_a_key = !std::is_same_v<T, Key>;
    static_assert(
        there_is_a_key,
        "weir::broadcast(rules, f): on_broadcast is for no key, and sets no timers; go through the keys "
        "with context.for_each_key(f)");
    __builtin_unreachable();
  }
};
template <class F>
struct broadcast_emit_check {
  template <class T>
  void operator()(T&&) const {
    constexpr bool f_emits_its_output = std::constructible_from<typename F::output, T>;
    static_assert(f_emits_its_output, "weir::broadcast(rules, f): emit(value): the value is no `output` of f");
  }
};

template <class F, class In>
concept takes_records =
    requires(F const& f, typename In::value const& v, broadcast_context_check<F, process_key_view<F, In>>& c,
             broadcast_emit_check<F> const& e) { f.on_record(v, c, e); };
template <class F, class In, class Rule>
concept takes_rules = requires(F& f, Rule const& v, rule_context_check<F, process_key<F, In>>& c,
                               broadcast_emit_check<F> const& e) { f.on_broadcast(v, c, e); };

// Never called.
template <class F, class In, class Rule>
void check_broadcast(F& f, typename In::value const& v, Rule const& rule,
                     broadcast_context_check<F, process_key_view<F, In>>& at_record,
                     broadcast_context_check<F, process_key<F, In>>& at_timer,
                     rule_context_check<F, process_key<F, In>>& at_rule, broadcast_emit_check<F> const& e) {
  std::as_const(f).on_record(v, at_record, e);
  if constexpr (has_on_timer<F>) std::as_const(f).on_timer(at_timer.time(), at_timer, e);
  if constexpr (has_on_processing_timer<F>) std::as_const(f).on_processing_timer(at_timer.time(), at_timer, e);
  f.on_broadcast(rule, at_rule, e);
}

enum class broadcast_fault {
  none,
  no_output,
  no_states,
  no_rules,
  key_missing,
  operator_state,
  no_time_for_timers,
  no_time_for_ttl,
  one_name,
  view,
  not_const,
  not_const_timer,
  on_record,
  on_broadcast
};

// The first of them, so that one mistake is one error.
template <class F, class In, class Rule>
consteval broadcast_fault fault_of_broadcast() {
  using enum broadcast_fault;
  if constexpr (!declares_output<F>) {
    return no_output;
  } else if constexpr (!has_states<F>) {
    return no_states;
  } else {
    using handles = handles_of<F>;
    if constexpr (!handles::any_of_broadcast)
      return no_rules;
    else if constexpr (!In::keyed && (handles::any_of_keys || has_on_timer<F> || has_on_processing_timer<F>))
      return key_missing;
    else if constexpr (In::keyed && handles::any_of_operator)
      return operator_state;
    else if constexpr (has_on_timer<F> && !In::timed)
      return no_time_for_timers;
    else if constexpr (handles::event_ttl && !In::timed)
      return no_time_for_ttl;
    else if constexpr (!handles::names_differ)
      return one_name;
    else if constexpr (handles::view::found)
      return view;
    else if constexpr ((has_on_timer<F> && !has_on_timer<F const>) ||
                       (has_on_processing_timer<F> && !has_on_processing_timer<F const>))
      return not_const_timer;
    else if constexpr (!takes_records<F, In>) {
      constexpr bool but_for_const =
          requires(F& f, typename In::value const& v, broadcast_context_check<F, process_key_view<F, In>>& c,
                   broadcast_emit_check<F> const& e) { f.on_record(v, c, e); };
      return but_for_const ? not_const : on_record;
    } else if constexpr (!takes_rules<F, In, Rule>) {
      return on_broadcast;
    } else {
      return none;
    }
  }
}

}  // namespace weir::detail
