// Keys: what a key function gives for a look-up, and what is stored of it.
#pragma once

#include <weir/config.hpp>
#include <weir/core/call.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class K>
struct stored_key_type {
  using type = K;
};
template <>
struct stored_key_type<std::string_view> {
  using type = std::string;
};
template <class... Ks>
struct stored_key_type<std::tuple<Ks...>> {
  using type = std::tuple<typename stored_key_type<std::remove_cvref_t<Ks>>::type...>;
};

// No std::tuple of functions: that is not trivially copyable, and a kernel then has to point to it.
template <std::size_t I, class F>
struct key_leaf {
  F f;
};

}  // namespace detail

// The type in which a key is kept: a view is kept as owned bytes, a tuple of references as a tuple of values.
template <class K>
using stored_key_t = typename detail::stored_key_type<std::remove_cvref_t<K>>::type;

// The key of several functions: a tuple of what they give, by reference where they give one.
template <class Indices, class... Fs>
struct composite_key_of;
template <std::size_t... I, class... Fs>
struct composite_key_of<std::index_sequence<I...>, Fs...> : detail::key_leaf<I, Fs>... {
  constexpr explicit composite_key_of(Fs... f) : detail::key_leaf<I, Fs>{std::move(f)}... {}
  template <class V>
    requires(detail::callable_with<Fs const&, V const&> && ...)
  WEIR_INLINE constexpr auto operator()(V const& v) const {
    return std::tuple<std::invoke_result_t<Fs const&, V const&>...>(
        std::invoke(static_cast<detail::key_leaf<I, Fs> const&>(*this).f, v)...);
  }
};
template <class... Fs>
using composite_key = composite_key_of<std::index_sequence_for<Fs...>, Fs...>;

}  // namespace weir
