// Types of time, and arithmetic on them that saturates instead of overflowing.
#pragma once

#include <weir/config.hpp>

#include <chrono>
#include <cstdint>
#include <limits>

namespace weir {

// A point on the UTC time line, in microseconds since 1970-01-01 without leap seconds.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;
// A length of time, in microseconds: weir's tick.
using duration = std::chrono::microseconds;

// The watermark before the first record: nothing is known yet.
inline constexpr timestamp min_time{duration{std::numeric_limits<std::int64_t>::min()}};
// The watermark after the last record: nothing more will come.
inline constexpr timestamp max_time{duration{std::numeric_limits<std::int64_t>::max()}};
// The smallest step of time.
inline constexpr duration tick{1};

// Microseconds since 1970-01-01.
constexpr std::int64_t ticks(timestamp t) { return t.time_since_epoch().count(); }
constexpr std::int64_t ticks(duration d) { return d.count(); }
constexpr timestamp from_ticks(std::int64_t t) { return timestamp{duration{t}}; }

// Of numbers, not of references to time points as std::min and std::max: what is referred to stays in memory, and a
// kernel's times belong in registers.
constexpr timestamp earlier(timestamp a, timestamp b) {
  return from_ticks(ticks(b) < ticks(a) ? ticks(b) : ticks(a));
}
constexpr timestamp later(timestamp a, timestamp b) {
  return from_ticks(ticks(a) < ticks(b) ? ticks(b) : ticks(a));
}

// t + d, held at min_time and max_time: both mean "for ever" and stay what they are.
constexpr timestamp saturating_add(timestamp t, duration d) {
  if (t == min_time || t == max_time) return t;
  std::int64_t sum = 0;
  if (__builtin_add_overflow(ticks(t), ticks(d), &sum)) return d < duration::zero() ? min_time : max_time;
  return from_ticks(sum);
}
constexpr timestamp saturating_sub(timestamp t, duration d) {
  if (t == min_time || t == max_time) return t;
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(ticks(t), ticks(d), &difference))
    return d < duration::zero() ? max_time : min_time;
  return from_ticks(difference);
}

// The quotient rounded towards minus infinity, so that windows before 1970 are cut like those after it. b > 0.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

// How far t is behind the start of the interval [offset + n*width, offset + (n+1)*width) that holds it. width > 0.
constexpr duration into_interval(timestamp t, duration width, duration offset = {}) {
  std::int64_t const rest = (ticks(t) % ticks(width) - ticks(offset) % ticks(width)) % ticks(width);
  return duration{rest < 0 ? rest + ticks(width) : rest};
}
// The start of that interval.
constexpr timestamp floor_to(timestamp t, duration width, duration offset = {}) {
  return saturating_sub(t, into_interval(t, width, offset));
}

// The first instant after t on the grid {offset + n*width}; max_time where there is none. width > 0.
constexpr timestamp next_on_grid(timestamp t, duration width, duration offset = {}) {
  if (t == min_time) t += tick;  // min_time itself is no instant: it would stay where it is
  return saturating_add(t, width - into_interval(t, width, offset));
}

}  // namespace weir
