// What is known at compile time about a function of windows: what it is called with, and what it keeps.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/row.hpp>
#include <weir/op/keyed/handle_facts.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/window/keyed_window.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

// What f keeps for each key and for each window of each key, as tuples of references.
template <class F>
auto key_states_of(F& f) {
  if constexpr (requires { f.states(); })
    return f.states();
  else
    return std::tuple<>();
}
template <class F>
using key_handles_of = handles_in<decltype(key_states_of(std::declval<F&>()))>;
template <class F>
auto window_states_of(F& f) {
  if constexpr (requires { f.window_states(); })
    return f.window_states();
  else
    return std::tuple<>();
}

// It ends with its window, or when f says so: nothing is left to a ttl.
template <class H>
concept window_function_handle =
    state_handle<H> && !has_ttl<H> && !kept_by_operator<H> && !kept_by_broadcast<H>;

// For what has no window states.
struct no_window_own {
  bool operator==(no_window_own const&) const = default;
};

// What is no tuple of handles has been said to be some.
template <class>
struct window_handles {
  static constexpr bool any = true, all = false, lasting = false, storable = false;
};
template <class... H>
  requires(state_handle<std::remove_cvref_t<H>> && ...)
struct window_handles<std::tuple<H...>> {
  static constexpr bool any = true, all = true;
  static constexpr bool lasting = (window_function_handle<std::remove_cvref_t<H>> && ...);
  static constexpr bool storable = (std::remove_cvref_t<H>::storable && ...);
  using view = decltype(detail::first_view<>(
      view_part<std::remove_cvref_t<H>::name, typename std::remove_cvref_t<H>::stored>{}...));
  // What stands with the window; the names are in its schema.
  using own = row<column<std::remove_cvref_t<H>::name, typename std::remove_cvref_t<H>::stored>...>;

  static void bind(own& s, std::tuple<H...> handles) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (std::get<I>(handles).bind(get_field<I>(s)), ...);
    }(std::index_sequence_for<H...>{});
  }
};
template <>
struct window_handles<std::tuple<>> {
  static constexpr bool any = false, all = true, lasting = true, storable = true;
  using view = no_view;
  using own = no_window_own;
  static void bind(own&, std::tuple<>) {}
};
template <class F>
using key_states_t = decltype(key_states_of(std::declval<F&>()));
template <class F>
using window_states_t = decltype(window_states_of(std::declval<F&>()));
template <class F>
using window_handles_of = window_handles<window_states_t<F>>;
template <class F>
using window_own_of = typename window_handles_of<F>::own;

// Those of both kinds, and of the window itself, stand under one uid.
template <class OfKeys, class OfWindows>
inline constexpr bool state_names_differ = false;
template <class... H, class... W>
inline constexpr bool state_names_differ<std::tuple<H...>, std::tuple<W...>> =
    all_different({"", "window", "slice", "windows", "sessions", std::remove_cvref_t<H>::name.view()...,
                   std::remove_cvref_t<W>::name.view()...});

}  // namespace weir::detail
