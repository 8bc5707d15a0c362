// What sliding windows know of the slices that they have in common, so that a window costs no more than its keys.
#pragma once

#include <weir/state/flat_table.hpp>

#include <cstddef>
#include <cstdint>
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
  // The order of the slices may mean something: the key is added up anew until `front` is.
  template <class K, class Functions, class Zero, class V>
  void add_behind(K const& id, std::int64_t slice, bool, Functions const&, Zero const&, V const&) {
    if (known_ && slice < end_) late_.try_emplace(Key(as_key<Key>(id)));
  }
  template <class Slices, class Functions, class Zero, class Emit>
  void fire(Slices& slices, std::int64_t begin, std::int64_t end, std::int64_t, Functions const& f, Zero const&,
            Emit const& emit) {
    if (!known_ || begin >= end_) {
      front_.clear(), back_.clear(), late_.clear();
      back_begin_ = end_ = begin;
      known_ = true;
    }
    for (auto s = slices.lower_bound(end_); s != slices.end() && s->index < end; ++s) append(back_, s->data, f);
    end_ = end;
    while (!front_.empty() && front_.back().begin < begin) front_.pop_back();
    if (front_.empty() && back_begin_ < begin) turn(slices, begin, end, f);

    map first;  // before the one that is there
    std::int64_t const there = front_.empty() ? back_begin_ : front_.back().begin;
    for (auto s = slices.lower_bound(begin); s != slices.end() && s->index < there; ++s)
      append(first, s->data, f);
    static map const nothing{};
    map const& second = front_.empty() ? nothing : front_.back().sums;
    for (auto const& [id, a] : first) give(id, a, &second, &back_, f, emit);
    for (auto const& [id, a] : second)
      if (!first.contains(id)) give(id, a, nullptr, &back_, f, emit);
    for (auto const& [id, a] : back_)
      if (!first.contains(id) && !second.contains(id)) give(id, a, nullptr, nullptr, f, emit);
    for (auto const& [id, none] : late_) give_late(slices, begin, end, id, f, emit);
  }

 private:
  struct part {
    std::int64_t begin;
    map sums;
  };
  struct nothing_kept {};

  template <class Slice, class Functions>
  static void append(map& to, Slice& slice, Functions const& f) {
    slice.for_each([&](Key const& id, Acc const& a) {
      auto const [at, fresh] = to.try_emplace(id, a);
      if (!fresh) f.merge(at->second, a);
    });
  }
  template <class Slices, class Functions>
  void turn(Slices& slices, std::int64_t begin, std::int64_t end, Functions const& f) {
    back_.clear(), late_.clear();
    back_begin_ = end;
    std::vector<typename Slices::pane*> all;
    for (auto s = slices.lower_bound(begin); s != slices.end() && s->index < end; ++s) all.push_back(&*s);
    map sums;
    std::size_t read = 0;
    for (std::size_t i = all.size(); i-- > 0;) {
      all[i]->data.for_each([&](Key const& id, Acc const& a) {
        ++read;
        auto const [at, fresh] = sums.try_emplace(id, a);
        if (fresh) return;
        Acc earlier = a;
        f.merge(earlier, at->second);
        at->second = std::move(earlier);
      });
      if (i > 0 && 2 * read >= sums.size()) front_.push_back({all[i]->index, sums}), read = 0;
    }
    front_.push_back({begin, std::move(sums)});
  }
  template <class Functions, class Emit>
  void give(Key const& id, Acc const& a, map const* second, map const* third, Functions const& f,
            Emit const& emit) const {
    if (!late_.empty() && late_.contains(id)) return;
    Acc const* more[2]{};
    if (second != nullptr)
      if (auto const at = second->find(id); at != second->end()) more[0] = &at->second;
    if (third != nullptr)
      if (auto const at = third->find(id); at != third->end()) more[1] = &at->second;
    if (more[0] == nullptr && more[1] == nullptr) return emit(id, a);
    Acc sum = a;
    for (Acc const* const one : more)
      if (one != nullptr) f.merge(sum, *one);
    emit(id, sum);
  }
  template <class Slices, class Functions, class Emit>
  static void give_late(Slices& slices, std::int64_t begin, std::int64_t end, Key const& id, Functions const& f,
                        Emit const& emit) {
    std::optional<Acc> sum;
    for (auto s = slices.lower_bound(begin); s != slices.end() && s->index < end; ++s) {
      Acc const* const a = s->data.find(id);
      if (a != nullptr && sum)
        f.merge(*sum, *a);
      else if (a != nullptr)
        sum = *a;
    }
    if (sum) emit(id, *sum);
  }

  std::vector<part> front_;  // the last begins first
  map back_;
  flat_map<Key, nothing_kept> late_;
  std::int64_t back_begin_ = 0, end_ = 0;
  bool known_ = false;
};

}  // namespace weir::detail
