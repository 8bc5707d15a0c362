#pragma once

#include <weir/aggregate/best_function.hpp>

#include <functional>
#include <utility>

namespace weir {

// An aggregate function that gives the smallest f(record); of equal ones the first, a NaN only where there is no
// number. Column: min.
template <class F>
constexpr auto min(F f) {
  return detail::best_function<"min", std::less<>, F>(std::move(f));
}

}  // namespace weir
