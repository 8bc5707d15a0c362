// evictor: which records a window keeps; and what it sees of them.
#pragma once

#include <weir/time.hpp>

#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

namespace weir {

// The records of a window and their times, in the order in which they came; where windows have merged, window by window.
template <class V>
class window_elements {
 public:
  window_elements(std::vector<V>& values, std::vector<timestamp>& times) : values_(&values), times_(&times) {}

  std::size_t size() const { return values_->size(); }
  bool empty() const { return values_->empty(); }
  V const& value(std::size_t i) const { return (*values_)[i]; }
  timestamp time(std::size_t i) const { return (*times_)[i]; }

  void drop_first(std::size_t n) {
    values_->erase(values_->begin(), values_->begin() + static_cast<std::ptrdiff_t>(n));
    times_->erase(times_->begin(), times_->begin() + static_cast<std::ptrdiff_t>(n));
  }
  // Drops those for which gone(value, time) holds. It is asked for all of them before the first is dropped.
  template <std::predicate<V const&, timestamp> Gone>
  void drop_if(Gone const& gone) {
    std::vector<bool> drop(size());
    for (std::size_t i = 0; i < size(); ++i) drop[i] = gone(value(i), time(i));
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (drop[i]) continue;
      if (kept != i) (*values_)[kept] = std::move((*values_)[i]), (*times_)[kept] = (*times_)[i];
      ++kept;
    }
    values_->erase(values_->begin() + static_cast<std::ptrdiff_t>(kept), values_->end());
    times_->erase(times_->begin() + static_cast<std::ptrdiff_t>(kept), times_->end());
  }

 private:
  std::vector<V>* values_;
  std::vector<timestamp>* times_;
};

// An evictor for windows of V. It is a policy, and has
//   template <class V>
//   void evict(window_elements<V>& elements) const   drops what the window keeps no longer
//   static constexpr bool after                      whether it does that when the window has fired, and not right before
//   void check() const                               if it can be wrong: throws config_error
// See also: count_evictor, time_evictor, delta_evictor, evict_after; Flink: Evictor
template <class E, class V>
concept evictor = requires(E const& e, window_elements<V>& elements) {
  { bool{E::after} } -> std::same_as<bool>;
  e.evict(elements);
};

namespace detail {

// An evictor for some records: what can be asked before they are known.
template <class E>
concept evictor_like = requires {
  { bool{E::after} } -> std::same_as<bool>;
};

// Windows keep all that they get, unless told otherwise.
struct no_evictor {};

}  // namespace detail

}  // namespace weir
