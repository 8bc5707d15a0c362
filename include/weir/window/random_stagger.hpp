#pragma once

#include <weir/time.hpp>

#include <cstdint>

namespace weir {

// An offset for windows of this size that looks drawn by lot: the same for the same seed, in every run. Jobs with different
// seeds fire at different times: tumbling_windows{.size = 1h, .offset = random_stagger(1h, 42)}. Zero where size is not
// positive. See also: Flink, WindowStagger.RANDOM
constexpr duration random_stagger(duration size, std::uint64_t seed) {
  std::uint64_t x = seed + 0x9e3779b97f4a7c15u;  // splitmix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  if (size <= duration::zero()) return duration::zero();
  return duration{static_cast<std::int64_t>(x % static_cast<std::uint64_t>(size.count()))};
}

}  // namespace weir
