// One batch from a reader into the head of a tree of stages.
#pragma once

#include <weir/config.hpp>
#include <weir/record.hpp>

#include <cstddef>
#include <utility>

namespace weir::detail {

// The place to look at in a profile: the fused loop of the whole pipeline.
template <class Stages, class Batch>
WEIR_HOT void run_batch(Stages& stages, Batch&& batch) {
  if constexpr (requires { stages.run_untested(batch); })
    if (stages.run_untested(batch)) return;
  auto k = stages.open();
  for (auto&& v : batch) k(std::forward<decltype(v)>(v), untimed{});
  stages.commit(k);
}

// How many records have run, and the watermark that their split has made by them.
struct ran {
  std::size_t records;
  timestamp clock;
};

// As many records as may come before another input has the least watermark: until the clock is past `limit`, or at it when
// the other was declared first.
template <class Stages, class Batch>
WEIR_HOT ran run_batch_until(Stages& stages, Batch&& batch, timestamp limit, bool other_goes_first) {
  auto k = stages.open();
  ran done{0, min_time};
  for (auto&& v : batch) {
    k(std::forward<decltype(v)>(v), untimed{});
    ++done.records;
    done.clock = k.clock();
    if (done.clock > limit || (other_goes_first && done.clock == limit)) break;
  }
  stages.commit(k);
  return done;
}

}  // namespace weir::detail
