// row: a value made of named columns, as a window's result is: row<column<"key", int>, column<"total",
// double>>.
#pragma once

#include <weir/core/mistaken.hpp>
#include <weir/core/schema.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

template <fixed_string Name, class T>
struct column {
  static constexpr auto name = Name;
  using type = T;
};

namespace detail {
template <class Value, fixed_string Name>
inline constexpr bool has_field = false;
template <has_schema Value, fixed_string Name>
inline constexpr bool has_field<Value, Name> = field_index<Value>(Name.view()) < field_count<Value>;
}  // namespace detail

// A value together with the name of the column that it is for.
template <fixed_string Name, class T>
struct named_value {
  T value;
};

// What "total"_c is: it names a column in r["total"_c], makes a value for one in make_row("total"_c = 3.5), and
// is itself a function object that gives the field of that name of any value with a schema.
template <fixed_string Name>
struct column_name {
  static constexpr auto name = Name;

  template <class T>
  constexpr named_value<Name, std::decay_t<T>> operator=(T&& value) const {
    return {std::forward<T>(value)};
  }
  template <class Value>
    requires detail::has_field<Value, Name>
  WEIR_INLINE constexpr auto&& operator()(Value&& value) const {
    return weir::get_field<field_index<Value>(Name.view())>(std::forward<Value>(value));
  }
};

inline namespace literals {
template <fixed_string Name>
consteval column_name<Name> operator""_c() {
  return {};
}
}  // namespace literals

template <fixed_string Name, class T>
constexpr named_value<Name, std::decay_t<T>> column_value(T&& value) {
  return {std::forward<T>(value)};
}

template <class... Columns>
struct row;

namespace detail {

template <class T>
inline constexpr bool is_row = false;
template <class... Columns>
inline constexpr bool is_row<row<Columns...>> = true;
template <class T>
inline constexpr bool is_row<T const> = is_row<T>;

template <std::size_t I, class T>
struct row_leaf {
  T value{};
};

template <class Indices, class... T>
struct row_leaves;
// No std::tuple: that one is not trivially copyable even when its members are.
template <std::size_t... I, class... T>
struct row_leaves<std::index_sequence<I...>, T...> : row_leaf<I, T>... {
  constexpr row_leaves() = default;
  template <class... U>
  constexpr explicit row_leaves(std::in_place_t, U&&... values)
      : row_leaf<I, T>{static_cast<T>(std::forward<U>(values))}... {}
  constexpr bool operator==(row_leaves const& other) const {
    return ((row_leaf<I, T>::value == other.row_leaf<I, T>::value) && ...);
  }
};

template <std::size_t I, class T>
WEIR_INLINE constexpr T& leaf_value(row_leaf<I, T>& leaf) {
  return leaf.value;
}
template <std::size_t I, class T>
WEIR_INLINE constexpr T const& leaf_value(row_leaf<I, T> const& leaf) {
  return leaf.value;
}
template <std::size_t I, class T>
WEIR_INLINE constexpr T&& leaf_value(row_leaf<I, T>&& leaf) {
  return std::move(leaf.value);
}

// A column may fill a field that it converts to without a fraction being lost; a view may fill an owned string.
template <class From, class To>
inline constexpr bool fills =
    (std::is_convertible_v<From const&, To> && !(std::is_floating_point_v<From> && std::is_integral_v<To>)) ||
    (std::same_as<From, std::string_view> && std::same_as<To, std::string>);

template <class Row, class S, std::size_t I>
constexpr bool row_fills_field() {
  constexpr std::size_t from = field_index<Row>(field_name<S, I>());
  if constexpr (from < field_count<Row>)
    return fills<field_type<Row, from>, field_type<S, I>>;
  else
    return false;
}

template <class Row, class S>
concept fills_struct = has_schema<S> && !is_row<S> && std::is_default_constructible_v<S> &&
                       []<std::size_t... I>(std::index_sequence<I...>) {
                         return (row_fills_field<Row, S, I>() && ...);
                       }(std::make_index_sequence<field_count<S>>{});

// A struct that was meant to be filled, and not one that holds a row.
template <class Row, class S>
concept fills_not =
    requires { sizeof(S); } && !std::is_empty_v<S> && !is_row<S> && std::is_default_constructible_v<S> &&
    (has_schema<S> || std::is_aggregate_v<S>)&&!fills_struct<Row, S> && !requires(Row const& r) { S{r}; };

constexpr bool all_different(std::initializer_list<std::string_view> names) {
  for (auto a = names.begin(); a != names.end(); ++a)
    for (auto b = names.begin(); b != a; ++b)
      if (*a == *b) return false;
  return true;
}

}  // namespace detail

// Named values. Trivially copyable when all its values are; equal when all are equal. It has a schema, so it
// can be saved, written as CSV or JSON, and turned by name into a struct that has one (whose fields may be
// fewer than the columns).
template <class... Columns>
struct row : detail::row_leaves<std::make_index_sequence<sizeof...(Columns)>, typename Columns::type...> {
  using leaves = detail::row_leaves<std::make_index_sequence<sizeof...(Columns)>, typename Columns::type...>;
  static_assert(detail::all_different({Columns::name.view()...}), "weir::row: two columns have the same name");

  // All values zero or empty.
  constexpr row() = default;
  // The values in the order of the columns.
  template <class... U>
    requires(sizeof...(U) == sizeof...(Columns) && sizeof...(U) > 0 &&
             (std::constructible_from<typename Columns::type, U> && ...) &&
             !(sizeof...(U) == 1 && (std::same_as<std::remove_cvref_t<U>, row> && ...)))
  constexpr explicit(sizeof...(U) == 1) row(U&&... values)
      : leaves(std::in_place, std::forward<U>(values)...) {}

  template <fixed_string Name>
  WEIR_INLINE constexpr auto& operator[](column_name<Name>) {
    return detail::leaf_value<field_index<row>(Name.view())>(*this);
  }
  template <fixed_string Name>
  WEIR_INLINE constexpr auto const& operator[](column_name<Name>) const {
    return detail::leaf_value<field_index<row>(Name.view())>(*this);
  }
  // Not constexpr: the error then comes at the end of the file, behind it the line that asks for the column, and not the
  // whole way from run to that line.
  template <fixed_string Name>
    requires(!detail::has_field<row, Name>)
  detail::mistaken operator[](column_name<Name>) {
    return std::as_const(*this)[column_name<Name>()];
  }
  template <fixed_string Name>
    requires(!detail::has_field<row, Name>)
  detail::mistaken operator[](column_name<Name>) const {
    constexpr bool there_is_a_column_of_this_name = detail::has_field<row, Name>;
    static_assert(there_is_a_column_of_this_name, "weir::row: there is no column of this name");
    return {};
  }

  template <class S>
    requires detail::fills_struct<row, S>
  constexpr operator S() const {
    S made{};
    for_each_index<S>([&](auto i) {
      using to = field_type<S, i()>;
      constexpr std::size_t column = field_index<row>(field_name<S, i()>());
      weir::get_field<i()>(made) = static_cast<to>(weir::get_field<column>(*this));
    });
    return made;
  }

  // Explicit, so that no row seems to convert to such a struct; and not constexpr, as above.
  template <class S>
    requires detail::fills_not<row, S>
  explicit operator S() const {
    constexpr bool the_struct_has_a_schema = has_schema<S>;
    static_assert(the_struct_has_a_schema,
                  "weir::row: the struct has no schema; adapt it with BOOST_HANA_ADAPT_STRUCT");
    constexpr bool a_column_fills_each_field = detail::fills_struct<row, S>;
    static_assert(
        a_column_fills_each_field || !the_struct_has_a_schema,
        "weir::row: the struct has a field that no column of this row fills: there is none of its name, or it "
        "is of another type");
    return {};
  }

  // Not a default one: that asks each column for == before anybody compares rows.
  friend constexpr bool operator==(row const& a, row const& b)
    requires(std::equality_comparable<typename Columns::type> && ...)
  {
    return static_cast<leaves const&>(a) == static_cast<leaves const&>(b);
  }
};

template <class... Columns>
struct schema_of<row<Columns...>> {
  static constexpr std::size_t count = sizeof...(Columns);
  template <std::size_t I>
  static constexpr std::string_view name = detail::type_at<I, Columns...>::name.view();
  template <std::size_t I, class Value>
  WEIR_INLINE static constexpr auto&& get(Value&& value) {
    return detail::leaf_value<I>(std::forward<Value>(value));
  }
};

// make_row("key"_c = user, "total"_c = 3.5)
template <fixed_string... Names, class... T>
constexpr row<column<Names, T>...> make_row(named_value<Names, T>... values) {
  return row<column<Names, T>...>(std::move(values.value)...);
}

namespace detail {
template <class Row, class... More>
struct append_columns;
template <class... Columns, class... More>
struct append_columns<row<Columns...>, More...> {
  using type = row<Columns..., More...>;
};
}  // namespace detail

// A row type with more columns at its end.
template <class Row, class... Columns>
using append_columns = typename detail::append_columns<Row, Columns...>::type;

// A row with more values at its end: append(r, "share"_c = 0.5).
template <class... Columns, fixed_string... Names, class... T>
constexpr row<Columns..., column<Names, T>...> append(row<Columns...> base, named_value<Names, T>... values) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return row<Columns..., column<Names, T>...>(detail::leaf_value<I>(std::move(base))...,
                                                std::move(values.value)...);
  }(std::make_index_sequence<sizeof...(Columns)>{});
}

}  // namespace weir
