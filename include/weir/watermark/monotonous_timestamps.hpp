#pragma once

#include <weir/watermark/bounded_out_of_orderness.hpp>

namespace weir {

// A strategy for streams in which timestamps never fall: the watermark is the largest timestamp so far - 1 tick.
// See also: Flink, WatermarkStrategy.forMonotonousTimestamps
struct monotonous_timestamps {
  static constexpr bool by_maximum = true;
  template <class V>
  WEIR_INLINE constexpr timestamp observe(timestamp watermark, V const& record, timestamp at) const {
    return bounded_out_of_orderness{}.observe(watermark, record, at);
  }
};

}  // namespace weir
