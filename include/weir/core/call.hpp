// callable_with, result_of: std::invocable and its result, asked the short way.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

namespace weir::detail {

// A mistake inside of a generic function is reported with every step that led to it. The standard's questions take six of
// them, which would be most of the message; a call that is written out takes one.
template <class F, class... Args>
inline constexpr bool callable_with = requires { std::declval<F>()(std::declval<Args>()...); };
template <class F, class... Args>
  requires std::is_member_pointer_v<std::remove_cvref_t<F>>
inline constexpr bool callable_with<F, Args...> = std::is_invocable_v<F, Args...>;

template <class F, class... Args>
struct call_result {
  using type = decltype(std::declval<F>()(std::declval<Args>()...));
};
template <class F, class... Args>
  requires std::is_member_pointer_v<std::remove_cvref_t<F>>
struct call_result<F, Args...> : std::invoke_result<F, Args...> {};

template <class F, class... Args>
using result_of = typename call_result<F, Args...>::type;

}  // namespace weir::detail
