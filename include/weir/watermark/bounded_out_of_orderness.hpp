// Watermark strategies are pure: observe(watermark, record, at) is the watermark after a record, never below the one
// before. `by_maximum` says that only the largest timestamp of a batch counts, so that a batch can be judged as a whole.
#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <cstdint>

namespace weir {

// A strategy for streams whose records come at most `bound` after a record with a later timestamp: the watermark is
// the largest timestamp so far - bound - 1 tick. A record further behind may be late.
// Errors: config_error when bound < 0. See also: Flink, WatermarkStrategy.forBoundedOutOfOrderness
struct bounded_out_of_orderness {
  duration bound{};

  static constexpr bool by_maximum = true;
  void check() const {
    if (bound < duration::zero())
      throw config_error(
          "weir::bounded_out_of_orderness: bound is negative, so that records in order would be late; give "
          "zero or a length of time such as 5s");
  }
  template <class V>
  WEIR_INLINE constexpr timestamp observe(timestamp watermark, V const&, timestamp at) const {
    std::int64_t mark = 0;
    if (__builtin_sub_overflow(ticks(at), ticks(bound + tick), &mark)) [[unlikely]]
      return watermark;  // it would be before time begins
    return later(watermark, from_ticks(mark));
  }
};

}  // namespace weir
