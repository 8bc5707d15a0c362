// What sliding windows know of the slices that they have in common, so that a window costs no more than its keys.
#pragma once

#include <weir/state/flat_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace weir::detail {

// An accumulator with the number of slices that hold its key: when none does, the key is gone.
template <class Acc>
struct slice_sum {
  std::int64_t slices = 0;
  Acc acc;
};

// For functions that can be undone: the sum of [begin, end); a window adds what has come and takes away what has gone.
template <class Key, class Acc, class Table>
class running_sums {
 public:
  // What was known is not: it is added up anew.
  void forget() { known_ = false; }
  // A record that came to a slice of the sum; fresh: the slice did not hold its key.
  template <class K, class Functions, class Zero, class V>
  void add_behind(K const& id, std::int64_t slice, bool fresh, Functions const& f, Zero const& zero,
                  V const& v) {
    if (!known_ || slice < begin_ || slice >= end_) return;
    slice_sum<Acc>& r = sums_.touch(id, [&] { return slice_sum<Acc>{0, zero()}; });
    r.slices += fresh;
    f.add(r.acc, v);
  }
  // Of the slices [begin, end): emit(key, accumulator). The next window begins at `next`.
  template <class Slices, class Functions, class Zero, class Emit>
  void fire(Slices& slices, std::int64_t begin, std::int64_t end, std::int64_t next, Functions const& f,
            Zero const& zero, Emit const& emit) {
    if (!known_ || begin != begin_) {
      sums_.clear();
      end_ = begin;
      known_ = true;
    }
    for (auto s = slices.lower_bound(end_); s != slices.end() && s->index < end; ++s) add(s->data, f, zero);
    end_ = end;
    sums_.for_each([&](Key const& id, slice_sum<Acc> const& r) { emit(id, r.acc); });
    // At once: before the next window they may be gone.
    for (auto s = slices.lower_bound(begin); s != slices.end() && s->index < next; ++s) take_away(s->data, f);
    begin_ = next;
  }

 private:
  template <class Slice, class Functions, class Zero>
  void add(Slice& slice, Functions const& f, Zero const& zero) {
    slice.for_each([&](Key const& id, Acc const& a) {
      slice_sum<Acc>& r = sums_.touch_new(id, [&] { return slice_sum<Acc>{0, zero()}; });
      ++r.slices;
      f.merge(r.acc, a);
    });
  }
  template <class Slice, class Functions>
  void take_away(Slice& slice, Functions const& f) {
    slice.for_each([&](Key const& id, Acc const& a) {
      slice_sum<Acc>* r = sums_.find(id);
      if (--r->slices == 0)
        sums_.erase(id);
      else
        f.retract(r->acc, a);
    });
  }

  Table sums_;
  std::int64_t begin_ = 0, end_ = 0;
  bool known_ = false;
};

// For all others: two stacks. `back` is the sum of the newest slices, and each of `front` one of those from some slice up to
// where `back` begins. A window adds its new slices to `back`, and takes from `front` what begins where it does; what lies
// between is added up anew. When `front` is used up it is made of all the slices, from the newest to the oldest: whenever half as
// many entries have been read as it has keys, one is put there. So all of them hold at most twice the entries of the slices, and
// what is added up anew is at most half of the keys.
template <class Key, class Acc, class Table>
class stacked_sums {
  using map = flat_map<Key, Acc>;

 public:
  void forget() { known_ = false; }
  // The order of the slices may mean something, so the sums of the key are made anew.
  template <class K, class Functions, class Zero, class V>
  void add_behind(K const& id, std::int64_t slice, bool, Functions const&, Zero const&, V const&) {
    if (!known_ || slice >= end_) return;
    late& l = late_.try_emplace(Key(as_key<Key>(id))).first->second;
    (slice < turned_ ? l.in_front : l.in_back) = true;
    if (slice >= turned_) oldest_in_back_ = std::min(oldest_in_back_, slice);
  }
  template <class Slices, class Functions, class Zero, class Emit>
  void fire(Slices& slices, std::int64_t begin, std::int64_t end, std::int64_t, Functions const& f, Zero const&,
            Emit const& emit) {
    if (!known_ || begin >= end_) {
      front_.clear(), back_.clear(), late_.clear();
      turned_ = end_ = begin;
      oldest_in_back_ = none;
      known_ = true;
    }
    for (auto s = slices.lower_bound(end_); s != slices.end() && s->index < end; ++s) {
      oldest_in_back_ = std::min(oldest_in_back_, s->index);
      append(back_, s->data, f);
    }
    end_ = end;
    while (!front_.empty() && front_.back().begin < begin) front_.pop_back();
    if (front_.empty() && oldest_in_back_ < begin)
      turn(slices, begin, f);
    else
      for (auto const& [id, l] : late_) repair(slices, id, l, f);
    late_.clear();

    static map const nothing{};
    map const& second = front_.empty() ? nothing : front_.back().sums;
    map first;
    std::int64_t const there = front_.empty() ? turned_ : front_.back().begin;
    for (auto s = slices.lower_bound(begin); s != slices.end() && s->index < there; ++s)
      append(first, s->data, f);
    for (auto const& [id, a] : first) give(id, a, &second, &back_, f, emit);
    for (auto const& [id, a] : second)
      if (!first.contains(id)) give(id, a, nullptr, &back_, f, emit);
    for (auto const& [id, a] : back_)
      if (!first.contains(id) && !second.contains(id)) emit(id, a);
  }

 private:
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
  struct part {
    std::int64_t begin;  // a slice that holds something
    map sums;            // up to turned_
  };
  struct late {
    bool in_front = false, in_back = false;
  };

  template <class Functions>
  static void put_after(map& to, Key const& id, Acc const& a, Functions const& f) {
    auto const [at, fresh] = to.try_emplace(id, a);
    if (!fresh) f.merge(at->second, a);
  }
  template <class Functions>
  static void put_before(map& to, Key const& id, Acc const& a, Functions const& f) {
    auto const [at, fresh] = to.try_emplace(id, a);
    if (fresh) return;
    Acc sum = a;
    f.merge(sum, at->second);
    at->second = std::move(sum);
  }
  template <class Slice, class Functions>
  static void append(map& to, Slice& slice, Functions const& f) {
    slice.for_each([&](Key const& id, Acc const& a) { put_after(to, id, a, f); });
  }
  template <class Slices>
  static auto slices_of(Slices& slices, std::int64_t begin, std::int64_t end) {
    std::vector<typename Slices::pane*> all;
    for (auto s = slices.lower_bound(begin); s != slices.end() && s->index < end; ++s) all.push_back(&*s);
    return all;
  }
  template <class Slices, class Functions>
  void turn(Slices& slices, std::int64_t begin, Functions const& f) {
    back_.clear();
    turned_ = end_, oldest_in_back_ = none;
    map sums;
    std::size_t read = 0;
    auto const all = slices_of(slices, begin, end_);
    for (std::size_t i = all.size(); i-- > 0;) {
      all[i]->data.for_each([&](Key const& id, Acc const& a) {
        ++read;
        put_before(sums, id, a, f);
      });
      if (i > 0 && 2 * read >= sums.size()) front_.push_back({all[i]->index, sums}), read = 0;
    }
    if (!all.empty()) front_.push_back({all.front()->index, std::move(sums)});
  }
  // The sums of one key, from what the slices hold now.
  template <class Slices, class Functions>
  void repair(Slices& slices, Key const& id, late l, Functions const& f) {
    if (l.in_back) {
      back_.erase(id);
      for (auto s = slices.lower_bound(turned_); s != slices.end() && s->index < end_; ++s)
        if (Acc const* const a = s->data.find(id)) put_after(back_, id, *a, f);
    }
    if (!l.in_front || front_.empty()) return;
    std::optional<Acc> sum;
    auto const all = slices_of(slices, front_.back().begin, turned_);
    std::size_t at = 0;  // the newest that has not been reached
    for (std::size_t i = all.size(); i-- > 0;) {
      if (Acc const* const a = all[i]->data.find(id)) {
        Acc older = *a;
        if (sum) f.merge(older, *sum);
        sum = std::move(older);
      }
      for (; at < front_.size() && front_[at].begin == all[i]->index; ++at)
        if (sum) front_[at].sums.insert_or_assign(id, *sum);
    }
  }
  template <class Functions, class Emit>
  static void give(Key const& id, Acc const& a, map const* second, map const* third, Functions const& f,
                   Emit const& emit) {
    Acc const* more[2]{};
    if (second != nullptr)
      if (auto const at = second->find(id); at != second->end()) more[0] = &at->second;
    if (auto const at = third->find(id); at != third->end()) more[1] = &at->second;
    if (more[0] == nullptr && more[1] == nullptr) return emit(id, a);
    Acc sum = a;
    for (Acc const* const one : more)
      if (one != nullptr) f.merge(sum, *one);
    emit(id, sum);
  }

  std::vector<part> front_;  // the last begins first
  map back_;                 // of [turned_, end_)
  flat_map<Key, late> late_;
  std::int64_t turned_ = 0, end_ = 0;
  std::int64_t oldest_in_back_ = none;
  bool known_ = false;
};

}  // namespace weir::detail
