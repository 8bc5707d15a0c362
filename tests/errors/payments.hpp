// What most twins share: payments, streams of them, windows, and a sink. A twin includes weir.hpp itself and before it: g++
// takes a compiled header in no other place.
#pragma once

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

inline std::vector<payment> const payments;
inline auto const in_time = weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{});
inline auto const timed = weir::from(payments) | in_time;
inline auto const keyed = timed | weir::key_by(&payment::user);
inline auto const tumbling = weir::window(weir::tumbling_windows{.size = weir::duration{10}});

inline std::int64_t records = 0;
inline auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
