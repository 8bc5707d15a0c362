// text_fields: structs whose fields are one piece of text each, as in a line of CSV or a row of a table.
#pragma once

#include <weir/core/schema.hpp>
#include <weir/format/text.hpp>

#include <cstddef>
#include <utility>

namespace weir::detail {

template <class T>
constexpr bool fields_are_text() {
  if constexpr (has_schema<T>)
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return (text_value<field_type<T, I>> && ...);
    }(std::make_index_sequence<field_count<T>>{});
  else
    return false;
}

}  // namespace weir::detail
