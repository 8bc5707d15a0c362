#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>
#include <weir/watermark/strategy.hpp>

#include <concepts>
#include <utility>

namespace weir {

// A strategy that has idleness says after what time of waiting a split counts as idle. One that has not waits for ever.
template <class S>
concept has_idleness = requires(S const& s) {
  { s.idle_timeout() } -> std::same_as<duration>;
};

namespace detail {
template <class Timeout>
constexpr duration idle_timeout_of(Timeout const& timeout) {
  constexpr bool the_timeout_is_a_length_of_time = std::convertible_to<Timeout, duration>;
  static_assert(
      the_timeout_is_a_length_of_time,
      "weir::with_idleness(strategy, timeout): the timeout is no length of time; give one such as 30s");
  if constexpr (the_timeout_is_a_length_of_time)
    return timeout;
  else
    return {};
}
template <class S>
inline constexpr bool goes_by_maximum = [] {
  if constexpr (requires { S::by_maximum; })
    return S::by_maximum;
  else
    return false;
}();
}  // namespace detail

// A strategy around another one, for sources that may be quiet: with_idleness{bounded_out_of_orderness{5s}, 30s}. A split of
// the source is idle when the run has asked it in vain and has waited for it for more than `timeout` since its last record; time
// in which the run worked, or read and parsed what another one had, does not count. An idle split does not hold the watermark back; when all are idle the
// watermark is the largest of theirs, and inputs that are merged or joined with this one do not wait for it. The next record
// ends that. Where the watermark has gone on meanwhile, the split's records are judged by it, and may be late; the split counts
// again when it has caught up. After a restart no split is idle; one that is behind by then counts when it has caught up, too.
//
// Errors: config_error when the timeout is not positive; "weir::with_idleness(strategy, timeout): the timeout is no length
// of time; give one such as 30s". See also: Flink, WatermarkStrategy.withIdleness
template <class Strategy>
struct with_idleness {
  Strategy strategy;
  duration timeout;
  template <class Timeout>
  constexpr with_idleness(Strategy s, Timeout const& t)
      : strategy(std::move(s)), timeout(detail::idle_timeout_of(t)) {}

  static constexpr bool by_maximum = detail::goes_by_maximum<Strategy>;
  constexpr duration idle_timeout() const { return timeout; }
  void check() const {
    if constexpr (requires { strategy.check(); }) strategy.check();
    if (timeout <= duration::zero())
      throw config_error(
          "weir::with_idleness: the timeout is not positive, so that a split would be idle between two "
          "records; "
          "give a length of time such as 30s");
  }
  template <class V>
    requires watermark_strategy<Strategy, V>
  WEIR_INLINE constexpr timestamp observe(timestamp watermark, V const& record, timestamp at) const {
    return strategy.observe(watermark, record, at);
  }
};
template <class Strategy, class Timeout>
with_idleness(Strategy, Timeout) -> with_idleness<Strategy>;

}  // namespace weir
