#pragma once

#include <weir/aggregate/best_record.hpp>

#include <functional>
#include <utility>

namespace weir {

// An aggregate function that gives the record whose f(record) is the largest; of equal ones the first, one with a NaN only
// where there is no number. Column: max_by. See also: max; Flink, maxBy
template <class F>
constexpr auto max_by(F f) {
  return detail::best_record<"max_by", std::greater<>, F>(std::move(f));
}

}  // namespace weir
