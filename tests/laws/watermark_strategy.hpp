// What every watermark strategy keeps. A user's own is tested by the same lines: weir_laws::watermark_strategy(s, records).
#pragma once

#include <weir/time.hpp>
#include <weir/watermark/strategy.hpp>

#include "catch.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace weir_laws {

// records: pairs of a record and its timestamp, in some order.
template <class Strategy, class V>
void watermark_strategy(Strategy const& s, std::vector<std::pair<V, weir::timestamp>> const& records) {
  static_assert(weir::watermark_strategy<Strategy, V>);
  static_assert(std::is_copy_constructible_v<Strategy>);

  weir::timestamp mark = weir::min_time, largest = weir::min_time;
  for (auto const& [record, at] : records) {
    weir::timestamp const next = s.observe(mark, record, at);
    INFO("at " << weir::ticks(at));
    REQUIRE(next >= mark);                         // it never goes back
    REQUIRE(s.observe(mark, record, at) == next);  // it is a function: no state of its own
    REQUIRE(s.observe(next, record, at) == next);  // the same record again changes nothing
    Strategy const copy = s;
    REQUIRE(copy.observe(mark, record, at) == next);
    mark = next;
    largest = std::max(largest, at);
    if constexpr (Strategy::by_maximum) REQUIRE(s.observe(weir::min_time, record, largest) == mark);
  }
  if constexpr (Strategy::by_maximum) {
    // A larger timestamp does not make less, and no timestamp lets time overflow.
    std::vector<weir::timestamp> ends{weir::min_time, weir::min_time + weir::tick, weir::timestamp{},
                                      weir::max_time - weir::tick, weir::max_time};
    if (!records.empty())
      for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
        auto const& record = records.front().first;
        REQUIRE(s.observe(weir::min_time, record, ends[i]) <= s.observe(weir::min_time, record, ends[i + 1]));
        REQUIRE(s.observe(weir::min_time, record, ends[i]) <= ends[i]);
      }
  }
}

}  // namespace weir_laws
