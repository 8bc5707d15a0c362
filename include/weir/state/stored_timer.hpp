#pragma once

#include <weir/time.hpp>

namespace weir::detail {

// For which time a key has a timer in the store, so that it can be erased there: only where the store is durable.
template <bool Durable>
struct stored_timer {
  timestamp stored = max_time;
};
template <>
struct stored_timer<false> {};

}  // namespace weir::detail
