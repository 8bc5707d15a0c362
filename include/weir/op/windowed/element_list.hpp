// element_list: what a window holds for a function of all its records. It stands in the place of the aggregate functions.
#pragma once

#include <weir/core/row.hpp>
#include <weir/window/time_window.hpp>

#include <vector>

namespace weir::detail {

struct element_list {
  static constexpr bool always_has_key = true;
  template <class V>
  using accumulator = std::vector<V>;
  template <class V>
  using result = row<column<"elements", std::vector<V> const*>>;
  template <class>
  static constexpr bool invertible = false;

  template <class V>
  std::vector<V> zero() const {
    return {};
  }
  template <class V>
  void add(std::vector<V>& all, V const& v) const {
    all.push_back(v);
  }
  template <class V>
  void merge(std::vector<V>& all, std::vector<V> const& later) const {
    all.insert(all.end(), later.begin(), later.end());
  }
  template <class V>
  void retract(std::vector<V>&, std::vector<V> const&) const {}
  template <class Row, class Key, class V>
  Row make_row(Key const& key, time_window w, std::vector<V> const& all) const {
    return Row(key, w.start, w.end, &all);
  }
};

}  // namespace weir::detail
