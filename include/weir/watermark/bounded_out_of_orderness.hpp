// Watermark strategies are pure: observe(watermark, record, at) is the watermark after a record, never below the one
// before. `by_maximum` says that only the largest timestamp of a batch counts, so that a batch can be judged as a whole.
#pragma once

#include <weir/time.hpp>

namespace weir {

// A strategy for streams whose records come at most `bound` after a record with a later timestamp: the watermark is
// the largest timestamp so far - bound - 1 tick. A record further behind may be late.
// See also: Flink, WatermarkStrategy.forBoundedOutOfOrderness
struct bounded_out_of_orderness {
  duration bound{};

  static constexpr bool by_maximum = true;
  template <class V>
  WEIR_INLINE constexpr timestamp observe(timestamp watermark, V const&, timestamp at) const {
    duration const behind = bound + tick;
    return later(watermark, later(at, min_time + behind) - behind);
  }
};

}  // namespace weir
