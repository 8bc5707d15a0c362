// change: a result that can be revised.
#pragma once

#include <weir/core/schema.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir {

// What becomes of a value: it is new, it is what a newer one replaces (update_before, directly before its update_after), or
// it is gone.
enum class change_kind : std::uint8_t { insert, update_before, update_after, erase };

// A result that later ones may revise: a stream of changes is a table that changes. See also: upsert; Flink, RowKind
template <class T>
struct change {
  change_kind kind{};
  T value{};

  bool operator==(change const&) const = default;
};

// So that every sink for structs takes them.
template <class T>
struct schema_of<change<T>> {
  static constexpr std::size_t count = 2;
  static constexpr std::string_view names[count] = {"kind", "value"};
  template <std::size_t I>
  static constexpr std::string_view name = names[I];
  template <std::size_t I, class Value>
  WEIR_INLINE static constexpr auto&& get(Value&& value) {
    if constexpr (I == 0)
      return std::forward<Value>(value).kind;
    else
      return std::forward<Value>(value).value;
  }
};

}  // namespace weir
