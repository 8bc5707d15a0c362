// pane_list: the intervals of event time that hold data, each with a table of its own, in order.
#pragma once

#include <weir/config.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace weir::detail {

// Pane i covers [offset + i*width, offset + (i+1)*width). Tables of panes that are gone are used again, with their room.
template <class Table>
class pane_list {
 public:
  struct pane {
    std::int64_t index;
    Table data;
    template <class... Args>
    explicit pane(std::int64_t i, Args&&... args) : index(i), data(std::forward<Args>(args)...) {}
  };
  using iterator = typename std::vector<std::unique_ptr<pane>>::iterator;

  duration width;
  duration offset;
  pane_list(duration w, duration o) : width(w), offset(o) {}

  std::int64_t index_of(timestamp at) const {
    return floor_div(ticks(at), ticks(width)) +
           floor_div(ticks(into_interval(at, width) - offset), ticks(width));
  }
  // The first and the last pane that time knows are cut where it begins and ends.
  timestamp start_of(std::int64_t index) const {
    std::int64_t start = 0;
    if (__builtin_mul_overflow(index, ticks(width), &start)) return index < 0 ? min_time : max_time;
    return saturating_add(from_ticks(start), offset);
  }
  timestamp end_of(std::int64_t index) const { return start_of(index + 1); }
  // For [low, low + width) modulo 2^64, which no end of time cuts.
  std::int64_t low_of(std::int64_t index) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(index) *
                                         static_cast<std::uint64_t>(ticks(width)) +
                                     static_cast<std::uint64_t>(ticks(offset)));
  }

  // Makes one table ahead of time: the store then knows the state before there is anything in it.
  template <class Make>
  void prepare(Make const& make) {
    spare_.push_back(make(0));
  }
  // make(): a table, where none is spare.
  template <class Make>
  pane& get(std::int64_t index, Make const& make) {
    auto at = lower_bound(index);
    if (at == live_.end() || (*at)->index != index) {
      std::unique_ptr<pane> p;
      if (spare_.empty()) {
        p = make(index);
      } else {
        p = std::move(spare_.back());
        spare_.pop_back();
        p->index = index;
      }
      p->data.bind(end_of(index));
      at = live_.insert(at, std::move(p));
    }
    return **at;
  }
  pane* find(std::int64_t index) {
    auto const at = lower_bound(index);
    return at == live_.end() || (*at)->index != index ? nullptr : at->get();
  }
  iterator lower_bound(std::int64_t index) {
    return std::ranges::lower_bound(live_, index, {}, [](auto const& p) { return p->index; });
  }
  bool empty() const { return live_.empty(); }
  pane& front() { return *live_.front(); }
  iterator begin() { return live_.begin(); }
  iterator end() { return live_.end(); }
  void pop_front() {
    live_.front()->data.drop();
    spare_.push_back(std::move(live_.front()));
    live_.erase(live_.begin());
  }
  template <class F>
  void for_each_table(F&& f) {
    for (auto& p : live_) f(p->data);
    for (auto& p : spare_) f(p->data);
  }
  // Which panes there are; what is in them the tables save themselves.
  template <class Ar, class Make>
  void state(Ar& ar, Make const& make) {
    std::vector<std::int64_t> indices;
    for (auto const& p : live_) indices.push_back(p->index);
    ar(indices);
    if (ar.loading())
      for (std::int64_t i : indices) get(i, make);
  }

 private:
  std::vector<std::unique_ptr<pane>> live_, spare_;
};

// The two panes that were last looked for: where one ends, records out of order go to and fro. Place: what a stage knows
// of a pane, with `low` and `data`, that holds until the watermark moves.
template <class Place>
class recent_places {
 public:
  // nullptr when it is neither.
  WEIR_INLINE Place const* find(timestamp at, duration width) const {
    for (Place const& p : places_)
      if (p.data != nullptr && offset(at, p) < static_cast<std::uint64_t>(ticks(width))) return &p;
    return nullptr;
  }
  Place const& remember(Place const& p) { return places_[next_ ^= 1] = p; }
  void forget() { places_[0] = places_[1] = {}; }

 private:
  static std::uint64_t offset(timestamp at, Place const& p) {
    return static_cast<std::uint64_t>(ticks(at)) - static_cast<std::uint64_t>(p.low);
  }
  Place places_[2] = {};
  std::size_t next_ = 0;
};

}  // namespace weir::detail
