// window_stage: the running side that suits an assigner and a trigger.
#pragma once

#include <weir/core/uid.hpp>
#include <weir/op/windowed/behind_window.hpp>
#include <weir/op/windowed/clock_time.hpp>
#include <weir/op/windowed/evicting_list.hpp>
#include <weir/op/windowed/general_stage.hpp>
#include <weir/op/windowed/session_stage.hpp>
#include <weir/op/windowed/sliding_stage.hpp>
#include <weir/op/windowed/tumbling_stage.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/window/regular_windows.hpp>

#include <concepts>
#include <type_traits>

namespace weir::detail {

template <fixed_string Uid>
struct stage_names {
  static constexpr auto uid = Uid;
};

template <class Assigner, class Trigger, class... T>
struct window_stage {
  using type = general_stage<T...>;
};
template <gap_assigner Assigner, class Trigger, class... T>
  requires regular_windows<Assigner, Trigger>
struct window_stage<Assigner, Trigger, T...> {
  using type = session_stage<T...>;
};
// Windows that do not overlap are their own slices.
template <aligned_assigner Assigner, class Trigger, class... T>
  requires(regular_windows<Assigner, Trigger> && !requires(Assigner a) { a.slide; })
struct window_stage<Assigner, Trigger, T...> {
  using type = tumbling_stage<T...>;
};
template <aligned_assigner Assigner, class Trigger, class... T>
  requires(regular_windows<Assigner, Trigger> && requires(Assigner a) { a.slide; })
struct window_stage<Assigner, Trigger, T...> {
  using type = sliding_stage<T...>;
};

// A function that knows each window to its end has the general store, whatever they are.
template <bool OneByOne, class Assigner, class Trigger, class... T>
struct stage_of_windows : window_stage<Assigner, Trigger, T...> {};
template <class Assigner, class Trigger, class... T>
struct stage_of_windows<true, Assigner, Trigger, T...> {
  using type = general_stage<T...>;
};

// The part of aggregate and reduce that is the same: an operator that gives a window's row. Op has functions_for<V>()
// and explain_functions<In>().
template <class In, class Functions>
using windowed_row = typename window_types<typename In::value, typename In::key_fn, Functions>::result;

// What a late record is on its way to the side output.
template <class In>
using late_value = std::remove_cvref_t<std::invoke_result_t<
    decltype(std::declval<typename In::window const&>().late.map) const&, typename In::value const&>>;

// The stream of what a window gives, with the side output of late records.
template <class In, class Value>
struct window_result {
  using type = stream<Value, !In::window::timeless, none, none, typename In::side_outputs>;
};
template <class In, class Value>
  requires(In::window::has_late)
struct window_result<In, Value> {
  static constexpr bool timed = !In::window::timeless;
  using plain = stream<Value, timed, none, none, typename In::side_outputs>;
  using type = add_side_outputs<plain, outlet<In::window::late_name, stream<late_value<In>, timed>>>;
};
template <class In, class Functions>
struct windowed_output : window_result<In, windowed_row<In, Functions>> {};

template <class Trigger>
inline constexpr bool trigger_storable =
    std::same_as<trigger_state_t<Trigger>, no_trigger_state> || has_codec<trigger_state_t<Trigger>>;

// More: of what the function behind keeps.
template <class In, class Functions, class Names, bool More = true>
using window_parts = part_list<
    part<full_uid<Names::scope, Names::uid>, part_kind::state, true,
         More &&
             has_codec<typename held_by<Functions, decltype(In::window::evictor)>::type::template accumulator<
                 typename In::value>> &&
             trigger_storable<decltype(In::window::trigger)> &&
             storable_key<typename window_types<typename In::value, typename In::key_fn, Functions>::key>>>;

struct call_rest {
  template <class Env, class Rest>
  auto operator()(Env const& env, Rest const& rest) const {
    return rest(env);
  }
};
// What is behind a window on a stream without event time.
template <class Rest>
struct behind_timeless {
  Rest const& rest;
  template <class Env>
  auto operator()(Env const& env) const {
    auto const behind = [&] { return rest(env); };
    return no_time_stage<decltype(behind())>(behind);
  }
};

// First: what stands between the window and what is behind, as first(env, rest).
template <class In, class Functions, class Env, class Rest, class First = call_rest>
auto attach_window(Functions const& functions, Env const& env, Rest const& rest, First const& first = {}) {
  using spec = typename In::window;
  auto const make_next = [&] {
    if constexpr (spec::timeless)
      return first(env.unkeyed(), behind_timeless<Rest>{rest});
    else
      return first(env.unkeyed(), rest);
  };
  using names = stage_names<full_uid<Env::scope, Env::uid>>;
  using next = decltype(make_next());
  if constexpr (spec::evicts) {
    using held = evicting_list<Functions, decltype(spec::evictor)>;
    using stage = general_stage<typename In::value, typename In::key_fn, held, spec, names,
                                typename Env::runtime_type, next>;
    return stage(env, held{functions, env.window.evictor}, make_next);
  } else {
    using stage = typename stage_of_windows<takes_one_by_one<next>, decltype(spec::assigner),
                                            decltype(spec::trigger), typename In::value, typename In::key_fn,
                                            Functions, spec, names, typename Env::runtime_type, next>::type;
    return stage(env, functions, make_next);
  }
}

}  // namespace weir::detail
