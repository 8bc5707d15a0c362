#pragma once

#include <weir/aggregate/best_function.hpp>

#include <functional>
#include <utility>

namespace weir {

// An aggregate function that gives the largest f(record); of equal ones the first, a NaN only where there is no
// number. Column: max.
template <class F>
constexpr auto max(F f) {
  return detail::best_function<"max", std::greater<>, F>(std::move(f));
}

}  // namespace weir
