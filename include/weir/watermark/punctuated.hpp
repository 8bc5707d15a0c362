#pragma once

#include <weir/core/functor.hpp>
#include <weir/time.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <utility>

namespace weir {

// A strategy for streams in which some records say how far time has come: f(record, timestamp) gives the watermark that
// the record makes as std::optional<timestamp>. One that is behind the watermark so far is ignored.
// See also: Flink, punctuated WatermarkGenerator
template <class F>
struct punctuated {
  F f;
  constexpr explicit punctuated(F fn) : f(std::move(fn)) {}

  static constexpr bool by_maximum = false;
  template <class V>
    requires std::is_invocable_r_v<std::optional<timestamp>, F const&, V const&, timestamp>
  WEIR_INLINE constexpr timestamp observe(timestamp watermark, V const& record, timestamp at) const {
    std::optional<timestamp> const made = std::invoke(f, record, at);
    return made ? later(watermark, *made) : watermark;
  }
};

}  // namespace weir
