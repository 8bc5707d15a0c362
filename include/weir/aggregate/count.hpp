#pragma once

#include <weir/aggregate/aggregate_function.hpp>

namespace weir {
namespace detail {

struct count_function {
  static constexpr fixed_string name = "count";
  template <class V>
  static constexpr bool invertible = true;

  constexpr std::int64_t zero() const { return 0; }
  template <class V>
  WEIR_INLINE constexpr void add(std::int64_t& n, V const&) const {
    ++n;
  }
  constexpr void merge(std::int64_t& n, std::int64_t later) const { n += later; }
  constexpr void retract(std::int64_t& n, std::int64_t part) const { n -= part; }
  constexpr std::int64_t result(std::int64_t n) const { return n; }
};

}  // namespace detail

// An aggregate function that counts records, as std::int64_t. Column: count.
constexpr auto count() { return detail::count_function{}; }

}  // namespace weir
