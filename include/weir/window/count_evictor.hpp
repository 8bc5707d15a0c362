#pragma once

#include <weir/error.hpp>
#include <weir/window/evictor.hpp>

#include <cstdint>

namespace weir {

// An evictor that keeps the last `count` records of a window. Errors: config_error when count <= 0.
// See also: Flink, CountEvictor
struct count_evictor {
  std::int64_t count{};

  static constexpr bool after = false;

  template <class V>
  void evict(window_elements<V>& elements) const {
    auto const most = static_cast<std::size_t>(count);
    if (elements.size() > most) elements.drop_first(elements.size() - most);
  }
  void check() const {
    if (count <= 0) throw config_error("weir::count_evictor: count is not positive; give a number such as 100");
  }
};

}  // namespace weir
