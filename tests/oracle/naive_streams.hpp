// Random streams for the comparisons: the same seed gives the same stream everywhere.
#pragma once

#include "naive_graph.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace naive {

struct shape {
  int records = 1000;
  i64 keys = 7;
  i64 start = 1000;
  i64 step = 4;             // time goes on by 0 .. step - 1 between two records (1: all at one instant)
  i64 disorder = 30;        // a record lies up to disorder - 1 behind (0: in order)
  int silent_one_in = 200;  // 0: never; else time jumps by `silence`
  i64 silence = 300;
  int late_one_in = 50;  // 0: never; else a record lies up to `lateness` further behind
  i64 lateness = 200;
  int future_one_in = 0;  // 0: never; else a record lies up to `future` ahead, and drags the watermark with it
  i64 future = 150;
  i64 lowest = 0, highest = 9;  // values
};
using rng = std::mt19937_64;  // the same numbers everywhere; so no std distribution
inline i64 below(rng& g, i64 n) { return n <= 0 ? 0 : static_cast<i64>(g() % static_cast<std::uint64_t>(n)); }
inline bool one_in(rng& g, int n) { return n > 0 && below(g, n) == 0; }

inline std::vector<rec> random_stream(std::uint64_t seed, shape const& s) {
  rng g(seed);
  std::vector<rec> all;
  i64 now = s.start;
  for (int i = 0; i < s.records; ++i) {
    now += below(g, s.step);
    if (one_in(g, s.silent_one_in)) now += s.silence;
    i64 ts = now - below(g, s.disorder);
    if (one_in(g, s.late_one_in)) ts -= below(g, s.lateness + 1);
    if (one_in(g, s.future_one_in)) ts += below(g, s.future + 1);
    i64 const key = below(g, s.keys);
    all.push_back({key, ts, s.lowest + below(g, s.highest - s.lowest + 1)});
  }
  return all;
}

// A shape of one of these modes: 0 in order, 1 disorder, 2 wide steps, 3 many at one instant, 4 much that is
// late, 5 from the future, 6 silences, 7 before 1970 with negative values, 8 one key.
inline constexpr int modes = 9;
inline shape shape_of(int mode, int records, i64 keys) {
  shape s;
  s.records = records;
  s.keys = keys;
  switch (mode) {
    case 0:
      s.disorder = 0, s.late_one_in = 0;
      break;
    case 2:
      s.step = 40;
      break;
    case 3:
      s.step = 2, s.disorder = 3;
      break;
    case 4:
      s.late_one_in = 4;
      break;
    case 5:
      s.future_one_in = 60;
      break;
    case 6:
      s.silent_one_in = 12;
      break;
    case 7:
      s.start = -1500, s.lowest = -9;
      break;
    case 8:
      s.keys = 1;
      break;
    default:
      break;
  }
  return s;
}
// A stream whose mode and sizes follow from the seed too.
inline std::vector<rec> random_stream(std::uint64_t seed, int records) {
  rng g(seed);
  shape s = shape_of(static_cast<int>(below(g, modes)), records, 1 + below(g, 9));
  if (s.disorder > 0) s.disorder += below(g, 60);
  return random_stream(seed + 1, s);
}

}  // namespace naive
