// One batch from a reader into the head of a tree of stages.
#pragma once

#include <weir/config.hpp>
#include <weir/record.hpp>

#include <cstddef>
#include <utility>

namespace weir::detail {

// The place to look at in a profile: the fused loop of the whole pipeline.
template <class Stages, class Batch>
WEIR_NOINLINE void run_batch(Stages& stages, Batch&& batch) {
  if constexpr (requires { stages.run_untested(batch); })
    if (stages.run_untested(batch)) return;
  auto k = stages.open();
  for (auto&& v : batch) k(std::forward<decltype(v)>(v), untimed{});
  stages.commit(k);
}

// As many records as may come before another input has the least watermark: those for which the clock, as it was before
// them, does not pass `limit` (is still below it when the other was declared first). Gives how many have run.
template <class Stages, class Batch>
WEIR_NOINLINE std::size_t run_batch_until(Stages& stages, Batch&& batch, timestamp limit,
                                          bool other_goes_first) {
  auto k = stages.open();
  std::size_t n = 0;
  for (auto&& v : batch) {
    k(std::forward<decltype(v)>(v), untimed{});
    ++n;
    timestamp const clock = k.clock();
    if (clock > limit || (other_goes_first && clock == limit)) break;
  }
  stages.commit(k);
  return n;
}

}  // namespace weir::detail
