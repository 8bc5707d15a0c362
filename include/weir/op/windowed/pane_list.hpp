// pane_list: the intervals of event time that hold data, each with a table of its own, in order.
#pragma once

#include <weir/config.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::detail {

// What panes of all types are where they are kept: one container for all of them.
struct numbered_pane {
  std::int64_t index;
};
using numbered_panes = std::vector<numbered_pane*>;

// Pane i covers [offset + i*width, offset + (i+1)*width). Tables of panes that are gone are used again, with their room.
template <class Table>
class pane_list {
 public:
  struct pane : numbered_pane {
    Table data;
    template <class... Args>
    explicit pane(std::int64_t i, Args&&... args) : numbered_pane{i}, data(std::forward<Args>(args)...) {}
  };
  class iterator {
   public:
    explicit iterator(numbered_panes::const_iterator at) : at_(at) {}
    pane& operator*() const { return static_cast<pane&>(**at_); }
    pane* operator->() const { return &**this; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(iterator const&) const = default;

   private:
    numbered_panes::const_iterator at_;
  };

  duration width;
  duration offset;
  pane_list(duration w, duration o) : width(w), offset(o) {}
  pane_list(pane_list const&) = delete;
  pane_list& operator=(pane_list const&) = delete;
  ~pane_list() {
    for (numbered_pane* p : live_) delete static_cast<pane*>(p);
    for (numbered_pane* p : spare_) delete static_cast<pane*>(p);
  }

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
    spare_.reserve(1);
    spare_.push_back(make(0));
  }
  // make(index): a new pane, which the list owns, where none is spare.
  template <class Make>
  pane& get(std::int64_t index, Make const& make) {
    auto at = first_from(index);
    if (at == live_.end() || (*at)->index != index) {
      if (spare_.empty()) prepare([&](std::int64_t) { return make(index); });
      numbered_pane* const p = spare_.back();
      p->index = index;
      static_cast<pane*>(p)->data.bind(end_of(index));
      at = live_.insert(at, p);
      spare_.pop_back();
    }
    return static_cast<pane&>(**at);
  }
  // The first pane from this one on.
  iterator lower_bound(std::int64_t index) const { return iterator(first_from(index)); }
  bool empty() const { return live_.empty(); }
  pane& front() const { return *begin(); }
  iterator begin() const { return iterator(live_.begin()); }
  iterator end() const { return iterator(live_.end()); }
  void pop_front() {
    spare_.push_back(live_.front());
    live_.erase(live_.begin());
    static_cast<pane*>(spare_.back())->data.drop();
  }
  template <class F>
  void for_each_table(F&& f) {
    for (numbered_pane* p : live_) f(static_cast<pane*>(p)->data);
    for (numbered_pane* p : spare_) f(static_cast<pane*>(p)->data);
  }
  // Which panes there are; what is in them the tables save themselves.
  template <class Ar, class Make>
  void state(Ar& ar, Make const& make) {
    std::vector<std::int64_t> indices;
    for (numbered_pane const* p : live_) indices.push_back(p->index);
    ar(indices);
    if (ar.loading())
      for (std::int64_t i : indices) get(i, make);
  }

 private:
  numbered_panes::const_iterator first_from(std::int64_t index) const {
    return std::lower_bound(live_.begin(), live_.end(), index,
                            [](numbered_pane const* p, std::int64_t i) { return p->index < i; });
  }

  numbered_panes live_, spare_;  // owned; live_ in order
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
