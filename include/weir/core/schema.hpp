// schema: the names and types of a struct's fields, from BOOST_HANA_ADAPT_STRUCT(payment, user, amount, at).
#pragma once

#include <weir/core/fixed_string.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

// What weir knows of the fields of T. Specialised here for Hana's structs and in row.hpp for rows; a type of
// your own may have one too. It has: `count`; `name<I>` (std::string_view); `get<I>(value)`, giving a reference
// to field I.
template <class T>
struct schema_of;

namespace detail {

template <class T>
concept hana_struct = std::is_class_v<T> && boost::hana::Struct<T>::value;

template <std::size_t I, class T>
struct indexed {
  using type = T;
};
template <class Indices, class... T>
struct type_table;
template <std::size_t... I, class... T>
struct type_table<std::index_sequence<I...>, T...> : indexed<I, T>... {};
template <std::size_t I, class T>
indexed<I, T> pick(indexed<I, T> const&);

// The I-th of some types, found by overload resolution instead of by recursion.
template <std::size_t I, class... T>
using type_at = typename decltype(detail::pick<I>(
    std::declval<type_table<std::make_index_sequence<sizeof...(T)>, T...> const&>()))::type;

template <class Accessors>
struct hana_fields;
template <class... Names, class... Members>
struct hana_fields<boost::hana::tuple<boost::hana::pair<Names, Members>...>> {
  static constexpr std::size_t count = sizeof...(Names);
  static constexpr std::string_view names[sizeof...(Names) + 1] = {Names::c_str()..., ""};
  template <std::size_t I>
  using member = type_at<I, Members...>;
};

template <class T>
concept known_schema = requires { schema_of<std::remove_cvref_t<T>>::count; };

}  // namespace detail

template <detail::hana_struct T>
struct schema_of<T> {
  using fields = detail::hana_fields<std::remove_cvref_t<decltype(boost::hana::accessors<T>())>>;
  static constexpr std::size_t count = fields::count;
  template <std::size_t I>
  static constexpr std::string_view name = fields::names[I];
  template <std::size_t I, class Value>
  WEIR_INLINE static constexpr auto&& get(Value&& value) {
    return typename fields::template member<I>{}(std::forward<Value>(value));
  }
};

// A type whose fields weir can name: a struct adapted by Hana, or a weir::row.
template <class T>
concept has_schema = detail::known_schema<T>;

template <has_schema T>
inline constexpr std::size_t field_count = schema_of<std::remove_cvref_t<T>>::count;

template <has_schema T, std::size_t I>
constexpr std::string_view field_name() {
  return schema_of<std::remove_cvref_t<T>>::template name<I>;
}

// Field I of a value; an rvalue's field is an rvalue.
template <std::size_t I, class Value>
  requires has_schema<Value>
WEIR_INLINE constexpr auto&& get_field(Value&& value) {
  return schema_of<std::remove_cvref_t<Value>>::template get<I>(std::forward<Value>(value));
}

template <has_schema T, std::size_t I>
using field_type = std::remove_cvref_t<decltype(weir::get_field<I>(std::declval<T&>()))>;

// The position of the field called `name`; field_count<T> where there is none.
template <has_schema T>
constexpr std::size_t field_index([[maybe_unused]] std::string_view name) {
  return [name]<std::size_t... I>(std::index_sequence<I...>) {
    std::size_t found = sizeof...(I);
    (void)((field_name<T, I>() == name && (found = I, true)) || ...);
    return found;
  }(std::make_index_sequence<field_count<T>>{});
}

// f(std::integral_constant<std::size_t, I>) for every field, in order, without a value: for schemas and checks.
template <has_schema T, class F>
constexpr void for_each_index(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void(f(std::integral_constant<std::size_t, I>{})), ...);
  }(std::make_index_sequence<field_count<T>>{});
}

// f(name, field) for every field of the value, in order.
template <class Value, class F>
  requires has_schema<Value>
constexpr void for_each_field(Value&& value, F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void(f(field_name<Value, I>(), weir::get_field<I>(value))), ...);
  }(std::make_index_sequence<field_count<Value>>{});
}

namespace detail {

template <class T>
constexpr std::string_view type_name() {
  std::string_view const text = __PRETTY_FUNCTION__;  // "... [with T = payment; ...]" or "... [T = payment]"
  std::size_t const start = text.find("T = ") + 4;
  std::size_t const semicolon = text.find(';', start);
  return text.substr(start, (semicolon == text.npos ? text.rfind(']') : semicolon) - start);
}

template <auto Member>
struct member_field;
template <class T, class M, M T::*Member>
struct member_field<Member> {
  WEIR_INLINE constexpr decltype(auto) operator()(T const& value) const {
    if constexpr (std::is_function_v<M>)
      return (value.*Member)();
    else
      return (value.*Member);
  }
};

}  // namespace detail

// The name of the type as it stands in the program, for messages and for the schema of saved state. Namespaces
// count; g++ and clang agree on it for plain structs outside unnamed namespaces.
template <class T>
constexpr std::string_view schema_name() {
  return detail::type_name<std::remove_cvref_t<T>>();
}

// field<&payment::amount>: a member (or a const member function) as a function object. The compiler sees
// through it, which it cannot do with a member pointer that is a run-time value.
template <auto Member>
inline constexpr detail::member_field<Member> field{};

}  // namespace weir
