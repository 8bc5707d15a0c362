#pragma once

#include <weir/aggregate/best_record.hpp>

#include <functional>
#include <utility>

namespace weir {

// An aggregate function that gives the record whose f(record) is the smallest; of equal ones the first, one with a NaN only
// where there is no number. Column: min_by. See also: min; Flink, minBy
template <class F>
constexpr auto min_by(F f) {
  return detail::best_record<"min_by", std::less<>, F>(std::move(f));
}

}  // namespace weir
