// is_view<T>(): whether a T shows bytes that it does not own, so that it means nothing when its batch is over; and
// view_in<T>, which names in a compile error the field that does.
#pragma once

#include <weir/core/schema.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

// Says that the bytes which a T's std::string_view fields show are there for as long as the run is and what it leaves
// behind is read: literals, a mapped file. Then nothing that keeps a T refuses it. Specialise it for your own struct:
// template <> inline constexpr bool weir::outlives_batch<alert> = true;
template <class T>
inline constexpr bool outlives_batch = false;

namespace detail {

struct no_view {
  static constexpr bool found = false;
  static constexpr fixed_string path = "";
};
// Path: the names of the fields down to the view; none where the value itself is one.
template <fixed_string Path>
struct view_at {
  static constexpr bool found = true;
  static constexpr auto path = Path;
};

template <fixed_string Outer, fixed_string Inner>
inline constexpr auto field_path = [] {
  if constexpr (Outer.empty())
    return Inner;
  else if constexpr (Inner.empty())
    return Outer;
  else
    return Outer + fixed_string(".") + Inner;
}();
template <has_schema T, std::size_t I>
inline constexpr auto field_text = [] {
  constexpr std::string_view name = field_name<T, I>();
  char text[name.size() + 1]{};
  std::copy_n(name.data(), name.size(), text);
  return fixed_string<name.size() + 1>(text);
}();
template <std::size_t I>
inline constexpr auto tuple_field_text = [] {
  if constexpr (I < 10) {
    constexpr char text[] = {'g', 'e', 't', '<', '0' + I, '>', '\0'};
    return fixed_string(text);
  } else {
    return fixed_string("get<>");
  }
}();

template <class T>
inline constexpr bool is_string_view = false;
template <class C, class Traits>
inline constexpr bool is_string_view<std::basic_string_view<C, Traits>> = true;

template <class T>
inline constexpr bool is_incomplete_class = std::is_class_v<T> && !requires { sizeof(T); };
// What is empty holds nothing, whatever its arguments are: a comparison, an allocator.
template <class T>
inline constexpr bool holds_nothing = [] {
  if constexpr (is_incomplete_class<T>)
    return true;
  else
    return std::is_empty_v<T>;
}();

template <class T, class... Outer>
constexpr auto find_view();

// The first of some parts that has a view; each is followed by its name. Outer: the types that it stands in.
template <fixed_string Name, class T>
struct view_part {};
template <class... Outer>
constexpr no_view first_view() {
  return {};
}
template <class... Outer, fixed_string Name, class T, class... More>
constexpr auto first_view(view_part<Name, T>, More... more) {
  using inside = decltype(detail::find_view<std::remove_cvref_t<T>, Outer...>());
  if constexpr (inside::found)
    return view_at<field_path<Name, inside::path>>{};
  else
    return detail::first_view<Outer...>(more...);
}

template <class T>
struct parts_of {
  template <class... Outer>
  static constexpr no_view find() {
    return {};
  }
};
template <template <class...> class Of, class... Ts>
  requires(sizeof...(Ts) > 0)
struct parts_of<Of<Ts...>> {
  template <class... Outer>
  static constexpr auto find() {
    return detail::first_view<Outer...>(view_part<"", Ts>{}...);
  }
};
template <class A, class B>
struct parts_of<std::pair<A, B>> {
  template <class... Outer>
  static constexpr auto find() {
    return detail::first_view<Outer...>(view_part<"first", A>{}, view_part<"second", B>{});
  }
};
template <class T, class... More>
struct parts_of<std::tuple<T, More...>> {
  template <class... Outer>
  static constexpr auto find() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return detail::first_view<Outer...>(view_part<tuple_field_text<0>, T>{},
                                          view_part<tuple_field_text<I + 1>, More>{}...);
    }(std::index_sequence_for<More...>{});
  }
};
template <class T, std::size_t N>
struct parts_of<std::array<T, N>> {
  template <class... Outer>
  static constexpr auto find() {
    return detail::find_view<T, Outer...>();
  }
};
template <class T, std::size_t N>
struct parts_of<T[N]> : parts_of<std::array<T, N>> {};

template <class T, class... Outer>
constexpr auto find_view() {
  if constexpr (outlives_batch<T>) {
    return no_view{};
  } else if constexpr (is_string_view<T>) {
    return view_at<"">{};
  } else if constexpr (holds_nothing<T> || (std::same_as<T, Outer> || ...)) {  // a tree holds trees
    return no_view{};
  } else if constexpr (has_schema<T>) {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return detail::first_view<Outer..., T>(view_part<field_text<T, I>, field_type<T, I>>{}...);
    }(std::make_index_sequence<field_count<T>>{});
  } else {
    return parts_of<T>::template find<Outer..., T>();
  }
}

// A std::string_view, or what holds one: a struct with a schema, std::optional, std::pair, std::tuple, std::vector, ...
// What a struct without a schema holds nobody sees.
template <class T>
constexpr bool is_view() {
  return decltype(detail::find_view<T>())::found;
}

// For static_asserts, whose text can name no field in C++20: both compilers print the type that the condition is
// of, as in the_field<fixed_string<5>{"note"}>::owns_its_bytes.
template <fixed_string Name>
struct the_field {
  static constexpr bool owns_its_bytes = Name.empty();
};
template <class T, fixed_string Of>
constexpr auto view_field() {
  using view = decltype(detail::find_view<T>());
  if constexpr (!view::found)
    return the_field<"">{};
  else if constexpr (field_path<Of, view::path>.empty())
    return the_field<"(the value itself)">{};
  else
    return the_field<field_path<Of, view::path>>{};
}
// The field of T that is a view, behind the name that the T itself has in Of.
template <class T, fixed_string Of = "">
using view_in = decltype(detail::view_field<T, Of>());

}  // namespace detail

}  // namespace weir
