// callable_with and gives: std::is_invocable and std::is_invocable_r, asked so that an error inside of f is short.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir::detail {

// A mistake inside of a generic function is reported with every step that led to it. The standard's question takes six of
// them, more than half of the message; a call that is written out takes one. Who wants the result asks this first.
template <class F, class... Args>
inline constexpr bool callable_with = requires { std::declval<F>()(std::declval<Args>()...); };
template <class F, class... Args>
  requires std::is_member_pointer_v<std::remove_cvref_t<F>>
inline constexpr bool callable_with<F, Args...> = std::is_invocable_v<F, Args...>;

template <class R, class F, class... Args>
inline constexpr bool gives = requires {
  { std::declval<F>()(std::declval<Args>()...) } -> std::convertible_to<R>;
};
template <class R, class F, class... Args>
  requires std::is_member_pointer_v<std::remove_cvref_t<F>>
inline constexpr bool gives<R, F, Args...> = std::is_invocable_r_v<R, F, Args...>;

}  // namespace weir::detail
