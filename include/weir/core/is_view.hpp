// is_view<T>(): whether a T shows bytes that it does not own, so that it means nothing when its batch is over.
#pragma once

#include <weir/core/schema.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class T>
struct arguments_of {
  static constexpr bool any_view = false;
};
// A std::string_view, or what holds one: a struct with a schema, std::optional, std::pair, std::tuple, std::vector, ...
template <class T>
constexpr bool is_view() {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return true;
  } else if constexpr (has_schema<T>) {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return (is_view<field_type<T, I>>() || ...);
    }(std::make_index_sequence<field_count<T>>{});
  } else {
    return arguments_of<T>::any_view;
  }
}
template <template <class...> class Of, class... Ts>
  requires(sizeof...(Ts) > 0)
struct arguments_of<Of<Ts...>> {
  static constexpr bool any_view = (is_view<std::remove_cv_t<Ts>>() || ...);
};
template <class T, std::size_t N>
struct arguments_of<std::array<T, N>> {
  static constexpr bool any_view = is_view<T>();
};

}  // namespace weir::detail
