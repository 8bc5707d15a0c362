// aggregate_list: several aggregate functions as one, and the row that a window gives.
#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/aggregate/count.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/key.hpp>
#include <weir/core/row.hpp>
#include <weir/window/time_window.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <std::size_t I, class A>
struct function_leaf {
  A function;
};

template <class Indices, class... As>
struct function_leaves;
template <std::size_t... I, class... As>
struct function_leaves<std::index_sequence<I...>, As...> : function_leaf<I, As>... {
  constexpr explicit function_leaves(As... a) : function_leaf<I, As>{std::move(a)}... {}

  template <class V>
  using accumulator = row<column<name_of<As>, accumulator_t<As, V>>...>;
  template <class V>
  using result = row<column<name_of<As>, aggregate_result_t<As, V>>...>;
  template <class V>
  static constexpr bool invertible = (invertible_for<As, V> && ...);
  template <class V>
  static constexpr bool suits = (aggregate_function<As, V> && ...);

  template <class V>
  constexpr auto zero() const {
    return accumulator<V>(zero_of<V>(static_cast<function_leaf<I, As> const&>(*this).function)...);
  }
  template <class Acc, class V>
  WEIR_INLINE constexpr void add(Acc& acc, V const& v) const {
    (static_cast<function_leaf<I, As> const&>(*this).function.add(get_field<I>(acc), v), ...);
  }
  template <class Acc>
  constexpr void merge(Acc& acc, Acc const& later) const {
    (static_cast<function_leaf<I, As> const&>(*this).function.merge(get_field<I>(acc), get_field<I>(later)),
     ...);
  }
  template <class Acc>
  constexpr void retract(Acc& acc, Acc const& part) const {
    (static_cast<function_leaf<I, As> const&>(*this).function.retract(get_field<I>(acc), get_field<I>(part)),
     ...);
  }
  template <class Row, class Key, class Acc>
  WEIR_INLINE constexpr Row make_row(Key const& key, time_window w, Acc const& acc) const {
    if constexpr (std::same_as<Key, std::tuple<>>)
      return Row(w.start, w.end,
                 static_cast<function_leaf<I, As> const&>(*this).function.result(get_field<I>(acc))...);
    else
      return Row(key, w.start, w.end,
                 static_cast<function_leaf<I, As> const&>(*this).function.result(get_field<I>(acc))...);
  }
  // Outside of windows.
  template <class Row, class Key, class Acc>
  WEIR_INLINE constexpr Row make_row(Key const& key, Acc const& acc) const {
    return Row(key, static_cast<function_leaf<I, As> const&>(*this).function.result(get_field<I>(acc))...);
  }
};

template <class... As>
using aggregate_list = function_leaves<std::index_sequence_for<As...>, As...>;

template <class Key, class Columns, bool HasKey>
struct window_row;
template <class Key, class... Columns>
struct window_row<Key, row<Columns...>, true> {
  using type =
      row<column<"key", Key>, column<"window_start", timestamp>, column<"window_end", timestamp>, Columns...>;
};
template <class Key, class... Columns>
struct window_row<Key, row<Columns...>, false> {
  using type = row<column<"window_start", timestamp>, column<"window_end", timestamp>, Columns...>;
};
// Rows for the user show no key where there is none; those that go to a function of the whole window always have it.
template <class Functions>
inline constexpr bool always_has_key = [] {
  if constexpr (requires { Functions::always_has_key; })
    return Functions::always_has_key;
  else
    return false;
}();

// The same without a window.
template <class Key, class Columns>
struct rolling_row;
template <class Key, class... Columns>
struct rolling_row<Key, row<Columns...>> {
  using type = row<column<"key", Key>, Columns...>;
};

// The types that the window stages share. V: record. Functions: an aggregate_list.
template <class V, class KeyFn, class Functions>
struct window_types {
  using looked_up = std::invoke_result_t<functor<KeyFn> const&, V const&>;
  using key = stored_key_t<looked_up>;
  using acc = typename Functions::template accumulator<V>;
  static constexpr bool has_key = always_has_key<Functions> || !std::same_as<key, std::tuple<>>;
  using result = typename window_row<key, typename Functions::template result<V>, has_key>::type;
};

}  // namespace weir::detail
