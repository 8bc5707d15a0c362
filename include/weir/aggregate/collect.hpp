#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/key.hpp>

#include <functional>
#include <vector>

namespace weir {
namespace detail {

template <class F>
struct collect_function {
  static constexpr fixed_string name = "collect";
  F f;
  constexpr explicit collect_function(F fn) : f(std::move(fn)) {}

  template <class V>
    requires callable_with<F const&, V const&>
  constexpr auto zero() const {
    return std::vector<stored_key_t<field_of<F, V>>>{};
  }
  template <class T, class V>
  void add(std::vector<T>& all, V const& v) const {
    all.emplace_back(std::invoke(f, v));
  }
  template <class T>
  void merge(std::vector<T>& all, std::vector<T> const& later) const {
    all.insert(all.end(), later.begin(), later.end());
  }
  template <class T>
  std::vector<T> const& result(std::vector<T> const& all) const {
    return all;
  }
};

}  // namespace detail

// An aggregate function that keeps f(record) of each record, or the records themselves, in order of arrival; in sliding
// windows slice by slice of their time; in session windows that merged, those of one session after those of another.
// Column: collect.
template <class F = std::identity>
constexpr auto collect(F f = {}) {
  return detail::collect_function<F>(std::move(f));
}

}  // namespace weir
