#pragma once

#include <weir/error.hpp>
#include <weir/window/evictor.hpp>

namespace weir {

// An evictor that drops what is older than the newest record of the window by `size` or more.
// Errors: config_error when size <= 0. See also: Flink, TimeEvictor
struct time_evictor {
  duration size{};

  static constexpr bool after = false;

  template <class V>
  void evict(window_elements<V>& elements) const {
    timestamp newest = min_time;
    for (std::size_t i = 0; i < elements.size(); ++i) newest = later(newest, elements.time(i));
    timestamp const old = saturating_sub(newest, size);
    elements.drop_if([old](V const&, timestamp at) { return at <= old; });
  }
  void check() const {
    if (size <= duration::zero())
      throw config_error("weir::time_evictor: size is not positive; give a length of time such as 10s");
  }
};

}  // namespace weir
