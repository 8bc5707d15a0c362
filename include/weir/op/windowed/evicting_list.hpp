// evicting_list: what a window with an evictor holds: each record and its time, of which the functions see those that are left.
#pragma once

#include <weir/op/windowed/aggregate_list.hpp>
#include <weir/op/windowed/element_list.hpp>
#include <weir/window/evictor.hpp>

#include <concepts>
#include <utility>
#include <vector>

namespace weir::detail {

template <class Functions, class Evictor>
struct evicting_list {
  static constexpr bool always_has_key = detail::always_has_key<Functions>;
  Functions functions;
  Evictor evictor;

  template <class V>
  using accumulator = std::pair<std::vector<V>, std::vector<timestamp>>;
  template <class V>
  using result = typename Functions::template result<V>;
  template <class>
  static constexpr bool invertible = false;

  template <class V>
  accumulator<V> zero() const {
    return {};
  }
  template <class V>
  void add(accumulator<V>& all, V const& v, timestamp at) const {
    all.first.push_back(v);
    all.second.push_back(at);
  }
  template <class Held>
  void merge(Held& all, Held const& later) const {
    all.first.insert(all.first.end(), later.first.begin(), later.first.end());
    all.second.insert(all.second.end(), later.second.begin(), later.second.end());
  }
  // Whether anything is left.
  template <bool After, class V>
  bool evict(std::pair<std::vector<V>, std::vector<timestamp>>& all) const {
    if constexpr (Evictor::after == After) {
      window_elements<V> elements(all.first, all.second);
      evictor.evict(elements);
    }
    return !all.first.empty();
  }
  template <class Row, class Key, class V>
  Row make_row(Key const& key, time_window w,
               std::pair<std::vector<V>, std::vector<timestamp>> const& all) const {
    if constexpr (std::same_as<Functions, element_list>) {
      return functions.template make_row<Row>(key, w, all.first);
    } else {
      auto acc = functions.template zero<V>();
      for (V const& v : all.first) functions.add(acc, v);
      return functions.template make_row<Row>(key, w, acc);
    }
  }
};

// The functions as the window of In holds them.
template <class Functions, class Evictor>
struct held_by {
  using type = evicting_list<Functions, Evictor>;
};
template <class Functions>
struct held_by<Functions, no_evictor> {
  using type = Functions;
};

}  // namespace weir::detail
