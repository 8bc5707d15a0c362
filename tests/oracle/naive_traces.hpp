// Short forms for traces of the naive oracle.
#pragma once

#include "naive.hpp"

#include <ostream>
#include <string>
#include <vector>

namespace naive_traces {

using namespace naive;

struct result {  // a row, shorter to write
  i64 key, start, end, count, sum;
  auto operator<=>(result const&) const = default;
};
inline std::ostream& operator<<(std::ostream& o, result const& r) {
  return o << "{" << r.key << ", " << r.start << ", " << r.end << ", " << r.count << ", " << r.sum << "}";
}
inline std::vector<result> brief(outlet<row> const& out) {
  std::vector<result> all;
  for (row const& r : out.values()) all.push_back({r.key, r.start, r.end, r.count(), r.sum()});
  return all;
}
using results = std::vector<result>;

inline i64 key_of(rec const& r) { return r.key; }
inline i64 time_of(rec const& r) { return r.ts; }
inline i64 value_of(rec const& r) { return r.value; }
using tumble = tumbling<rec>;
using slide = sliding<rec>;
using session = sessions<rec>;

inline std::vector<i64> times(outlet<rec> const& out) {
  std::vector<i64> all;
  for (auto const& s : out.got) all.push_back(s.ts);
  return all;
}
using list = std::vector<i64>;

// What passes, in order, as text: "r5" a record with timestamp 5, "w7" watermark 7.
template <class T>
struct tape : node<T> {
  std::vector<std::string> seen;
  void on(T const&, i64 ts) override { seen.push_back("r" + std::to_string(ts)); }

 protected:
  void act(i64 now) override { seen.push_back(now == max_time ? "end" : "w" + std::to_string(now)); }
};
using steps = std::vector<std::string>;

inline void put(node<rec>& n, i64 ts, i64 value = 1, i64 key = 1) { n.on({key, ts, value}, ts); }

}  // namespace naive_traces
