#pragma once

#include <weir/time.hpp>

#include <concepts>

namespace weir {

// What assign_timestamps asks of a watermark strategy for records of type V. Laws (tests/laws/watermark_strategy.hpp):
// observe never goes back; with by_maximum, observing the largest timestamp gives the same as observing all.
// A strategy that can be wrong also has void check() const, which throws config_error.
template <class S, class V>
concept watermark_strategy = requires(S const& s, timestamp t, V const& v) {
  { s.observe(t, v, t) } -> std::same_as<timestamp>;
  { S::by_maximum } -> std::convertible_to<bool>;
};

}  // namespace weir
