// expiring_list: the elements of a list with the ends of their lives.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <string>
#include <utility>

namespace weir::detail {

// In the order of adding, which is that of their ends but for what came out of order. One that has expired behind one that
// has not is not shown and goes with it, or when the list is read: taking it out of the middle costs a walk.
// Bytes: how many, then for each the end and the value.
template <class T>
struct expiring_list {
  std::deque<std::pair<T, timestamp>> elements;

  // Skips what has ended here or before.
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T const*;
    using reference = T const&;
    using base = typename std::deque<std::pair<T, timestamp>>::const_iterator;

    iterator() = default;
    iterator(base at, base end, timestamp hidden_until) : at_(at), end_(end), hidden_until_(hidden_until) {
      skip();
    }
    T const& operator*() const { return at_->first; }
    T const* operator->() const { return &at_->first; }
    iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    iterator operator++(int) {
      iterator const before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(iterator const& a, iterator const& b) { return a.at_ == b.at_; }

   private:
    void skip() {
      while (at_ != end_ && at_->second <= hidden_until_) ++at_;
    }
    base at_{}, end_{};
    timestamp hidden_until_{};
  };
  iterator begin(timestamp hidden_until) const { return {elements.begin(), elements.end(), hidden_until}; }
  iterator end() const { return {elements.end(), elements.end(), max_time}; }

  void drop_front(timestamp now) {
    while (!elements.empty() && elements.front().second <= now) elements.pop_front();
  }
  void drop_all(timestamp now) {
    std::erase_if(elements, [&](auto const& e) { return e.second <= now; });
  }
  std::size_t count(timestamp now) const {
    return static_cast<std::size_t>(
        std::count_if(elements.begin(), elements.end(), [&](auto const& e) { return e.second > now; }));
  }

  template <class Out>
  void save(std::size_t part, Out& out, timestamp now) const {
    std::size_t const n = count(now);
    if (n == 0) return out.erase(part);
    std::string& bytes = out.scratch();
    append_size(bytes, n);
    for (auto const& [value, end] : elements) {
      if (end <= now) continue;
      codec<timestamp>::encode(end, bytes);
      codec<T>::encode(value, bytes);
    }
    out.put(part, bytes);
  }
  template <class In>
  bool load(std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (!bytes) return false;
    byte_reader from(*bytes, &codec<T>::schema);
    for (std::size_t n = from.count(); n > 0; --n) {
      timestamp end{};
      codec<timestamp>::decode(from, end);
      codec<T>::decode(from, elements.emplace_back(T{}, end).first);
    }
    from.finish();
    return true;
  }
};

}  // namespace weir::detail
