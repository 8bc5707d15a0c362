// What is known at compile time about a process function.
#pragma once

#include <weir/core/functor.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/key.hpp>
#include <weir/core/row.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/stream.hpp>
#include <weir/op/keyed/aggregating_state.hpp>
#include <weir/op/keyed/handle_facts.hpp>
#include <weir/op/keyed/process_state.hpp>
#include <weir/state/key_codec.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

// What a process function gives besides its output: side_outputs<side_output<"late", payment>>.
template <fixed_string Name, class T>
struct side_output {
  static constexpr auto name = Name;
  using type = T;
};
template <class... Outputs>
struct side_outputs {};

// context.side(to<"late">, value)
template <fixed_string Name>
struct to_tag {};
template <fixed_string Name>
inline constexpr to_tag<Name> to{};

namespace detail {

template <class F>
concept declares_output = requires { typename F::output; };

// The handles of f, as a tuple of references.
template <class F>
auto states_of(F& f) {
  if constexpr (requires { f.states(); })
    return f.states();
  else if constexpr (has_schema<F>)
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tie(get_field<I>(f)...);
    }(std::make_index_sequence<field_count<F>>{});
  else
    return std::tuple<>();
}
template <class Tuple>
struct handles_in;
template <class... H>
struct handles_in<std::tuple<H...>> {
  static constexpr bool all = (state_handle<std::remove_cvref_t<H>> && ...);
  static constexpr bool storable = [] {
    if constexpr (all)
      return (std::remove_cvref_t<H>::storable && ...);
    else
      return false;
  }();
  // Which of them stand where: kept for each key, or once for the operator.
  static constexpr bool any_of_broadcast = (kept_by_broadcast<std::remove_cvref_t<H>> || ...);
  static constexpr bool any_of_keys =
      (!(kept_by_operator<std::remove_cvref_t<H>> || kept_by_broadcast<std::remove_cvref_t<H>>) || ...);
  static constexpr bool any_of_operator = (kept_by_operator<std::remove_cvref_t<H>> || ...);
  static constexpr bool event_ttl = (expires_in<std::remove_cvref_t<H>, time_domain::event> || ...);
  static constexpr bool processing_ttl = (expires_in<std::remove_cvref_t<H>, time_domain::processing> || ...);
  static constexpr bool names_differ = [] {
    if constexpr (all)
      return all_different({"", "(timers)", "(processing timers)",
                            std::remove_cvref_t<H>::name.view()...});  // three are the store's
    else
      return true;
  }();
  // The first handle, and the field of what it holds, that is a view.
  using view = decltype(detail::first_view<>(
      view_part<std::remove_cvref_t<H>::name, typename std::remove_cvref_t<H>::stored>{}...));
  template <bool Timers, bool ProcessingTimers>
  using index = process_index<Timers, ProcessingTimers, std::remove_cvref_t<H>...>;
  template <bool Timers, bool ProcessingTimers, bool Durable>
  using state = process_state<std::index_sequence_for<H...>, Timers, ProcessingTimers, Durable,
                              std::remove_cvref_t<H>...>;
  template <bool Timers, bool ProcessingTimers, bool Durable>
  using format = process_format<state<Timers, ProcessingTimers, Durable>, Timers, ProcessingTimers,
                                std::remove_cvref_t<H>...>;
};
template <class F>
using handles_of = handles_in<decltype(states_of(std::declval<F&>()))>;
// Without states() and schema f has no handles, which is fine unless it has members: a handle that is not found would never
// be bound.
template <class F>
concept has_states =
    handles_of<F>::all && (requires(F& f) { f.states(); } || has_schema<F> || std::is_empty_v<F>);

// Stand for the context and emit in questions about f.
template <class Key>
struct context_archetype {
  Key const& key() const { __builtin_unreachable(); }
  timestamp time() const { __builtin_unreachable(); }
  timestamp watermark() const { __builtin_unreachable(); }
  void set_timer(timestamp) const {}
  void delete_timer(timestamp) const {}
  timestamp processing_time() const { __builtin_unreachable(); }
  void set_processing_timer(timestamp) const {}
  void delete_processing_timer(timestamp) const {}
  template <fixed_string Name, class T>
  void side(to_tag<Name>, T&&) const {}
};
struct emit_archetype {
  template <class T>
  void operator()(T&&) const {}
};

template <class F>
concept has_on_timer =
    requires(F& f, timestamp t, context_archetype<int>& c, emit_archetype const& e) { f.on_timer(t, c, e); };

template <class F>
concept has_on_processing_timer = requires(F& f, timestamp t, context_archetype<int>& c,
                                           emit_archetype const& e) { f.on_processing_timer(t, c, e); };

// On a stream without key all records have this one, and what is kept for it is the operator's. Its form on disk is empty.
using no_key = std::tuple<>;
struct no_key_fn {
  constexpr no_key_fn(none) {}
  template <class V>
  WEIR_INLINE constexpr no_key operator()(V const&) const {
    return {};
  }
};
template <class In>
using process_key_fn = std::conditional_t<In::keyed, typename In::key_fn, no_key_fn>;

template <class F, class In>
using process_key_view =
    std::remove_cvref_t<std::invoke_result_t<functor<process_key_fn<In>> const&, typename In::value const&>>;
template <class F, class In>
using process_key = stored_key_t<process_key_view<F, In>>;

template <class F, class In>
inline constexpr bool process_storable = handles_of<F>::storable && storable_key<process_key<F, In>>;

template <class In, class Outputs>
struct with_declared_outputs;
template <class In, class... Outputs>
struct with_declared_outputs<In, side_outputs<Outputs...>> {
  using type = add_side_outputs<In, outlet<Outputs::name, stream<typename Outputs::type, In::timed>>...>;
};
template <class F>
struct declared_outputs {
  using type = side_outputs<>;
};
template <class F>
  requires requires { typename F::side_outputs; }
struct declared_outputs<F> {
  using type = typename F::side_outputs;
};
template <fixed_string Name, class Outputs>
inline constexpr bool among_outputs = false;
template <fixed_string Name, class... Outputs>
inline constexpr bool among_outputs<Name, side_outputs<Outputs...>> = ((Outputs::name == Name) || ...);
template <class F, fixed_string Name>
inline constexpr bool declares_side_output = among_outputs<Name, typename declared_outputs<F>::type>;

// Where keys or states have no form on disk.
struct no_process_format {};

template <class F, class In>
using process_output = typename with_declared_outputs<with_value<In, typename F::output>,
                                                      typename declared_outputs<F>::type>::type;

}  // namespace detail

}  // namespace weir
