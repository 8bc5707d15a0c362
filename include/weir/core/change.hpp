// change: a result that can be revised.
#pragma once

#include <cstdint>

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

}  // namespace weir
