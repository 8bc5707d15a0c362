#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/key.hpp>

#include <set>

namespace weir {
namespace detail {

template <class F>
struct count_distinct_function {
  static constexpr fixed_string name = "count_distinct";
  F f;
  constexpr explicit count_distinct_function(F fn) : f(std::move(fn)) {}

  template <class V>
    requires std::totally_ordered<field_of<F, V>>
  constexpr auto zero() const {
    return std::set<stored_key_t<field_of<F, V>>, std::less<>>{};
  }
  template <class S, class V>
  void add(S& seen, V const& v) const {
    auto&& x = std::invoke(f, v);
    if (auto at = seen.lower_bound(x); at == seen.end() || x < *at) seen.emplace_hint(at, x);
  }
  template <class S>
  void merge(S& seen, S const& later) const {
    seen.insert(later.begin(), later.end());
  }
  template <class S>
  std::int64_t result(S const& seen) const {
    return static_cast<std::int64_t>(seen.size());
  }
};

}  // namespace detail

// An aggregate function that counts the different values of f(record), exactly: it keeps each of them.
// Column: count_distinct.
template <class F>
constexpr auto count_distinct(F f) {
  return detail::count_distinct_function<F>(std::move(f));
}

}  // namespace weir
