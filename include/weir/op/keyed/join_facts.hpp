// What joins have in common: which side gives a result without a partner, and where late records go.
#pragma once

#include <weir/core/call.hpp>
#include <weir/core/fixed_string.hpp>
#include <weir/core/stream.hpp>

#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <bool Left, bool Right>
struct outer_join {
  static constexpr bool left = Left, right = Right;
};
using inner_join = outer_join<false, false>;

template <fixed_string Name, bool Left>
struct late_side {
  static constexpr auto name = Name;
  static constexpr bool left = Left;
};

template <class Option>
inline constexpr bool is_outer_join = false;
template <bool Left, bool Right>
inline constexpr bool is_outer_join<outer_join<Left, Right>> = true;
template <class Option, bool Left>
inline constexpr bool is_late_side = false;
template <fixed_string Name, bool Left>
inline constexpr bool is_late_side<late_side<Name, Left>, Left> = true;

// The options of a join, each at most once; what is not given is what joins are without.
template <class... Options>
struct join_options;
template <>
struct join_options<> {
  using outer = inner_join;
  static constexpr fixed_string late_left = "", late_right = "";
};
template <class First, class... More>
struct join_options<First, More...> : join_options<More...> {};
template <bool Left, bool Right, class... More>
struct join_options<outer_join<Left, Right>, More...> : join_options<More...> {
  using outer = outer_join<Left, Right>;
};
template <fixed_string Name, class... More>
struct join_options<late_side<Name, true>, More...> : join_options<More...> {
  static constexpr auto late_left = Name;
};
template <fixed_string Name, class... More>
struct join_options<late_side<Name, false>, More...> : join_options<More...> {
  static constexpr auto late_right = Name;
};
template <class... Options>
inline constexpr bool are_join_options =
    ((is_outer_join<Options> || is_late_side<Options, true> || is_late_side<Options, false>)&&...) &&
    (0 + ... + is_outer_join<Options>) <= 1 && (0 + ... + is_late_side<Options, true>) <= 1 &&
    (0 + ... + is_late_side<Options, false>) <= 1;

// The stream with the side output for late records of V, where it is asked for.
template <class Stream, fixed_string Name, class V>
struct add_late_side {
  using type = add_side_outputs<Stream, outlet<Name, stream<V, true>>>;
};
template <class Stream, class V>
struct add_late_side<Stream, "", V> {
  using type = Stream;
};
template <class Stream, fixed_string Name, class V>
using with_late_side = typename add_late_side<Stream, Name, V>::type;

// What the function of a join gets of a side: the record, or a pointer to it that is null where there is no partner.
template <class V, bool Optional>
using join_side = std::conditional_t<Optional, V const*, V const&>;
template <class F, class L, class R, class Outer>
concept joins =
    callable_with<F const&, join_side<L, Outer::right>, join_side<R, Outer::left>> &&
    !std::is_void_v<std::invoke_result_t<F const&, join_side<L, Outer::right>, join_side<R, Outer::left>>>;
template <class F, class L, class R, class Outer>
using joined_t =
    std::remove_cvref_t<std::invoke_result_t<F const&, join_side<L, Outer::right>, join_side<R, Outer::left>>>;

template <class L, class R, class Outer, class F>
constexpr decltype(auto) call_joined(F const& f, L const* left, R const* right) {
  if constexpr (Outer::right && Outer::left)
    return std::invoke(f, left, right);
  else if constexpr (Outer::right)
    return std::invoke(f, left, *right);
  else if constexpr (Outer::left)
    return std::invoke(f, *left, right);
  else
    return std::invoke(f, *left, *right);
}

}  // namespace detail

// Options of joins: left_outer also gives each record of the stream that has no partner, right_outer each of second,
// full_outer both.
inline constexpr detail::outer_join<true, false> left_outer{};
inline constexpr detail::outer_join<false, true> right_outer{};
inline constexpr detail::outer_join<true, true> full_outer{};

// Late records of the stream, or of second, go to the side output of this name. They are counted in any case.
template <fixed_string Name>
inline constexpr detail::late_side<Name, true> late_left_to{};
template <fixed_string Name>
inline constexpr detail::late_side<Name, false> late_right_to{};

}  // namespace weir
