// lazy_timers: one coarse entry a key. Moving a timer to a later time costs nothing: its entry is filed anew when it is
// looked at. (Carousel of 64 buckets, a heap for the near, a map for the far; state/... keeps what is real.)
#pragma once

#include <weir/state/key_hash.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace weir {

// Entries are hints: whether one is real, and when, the owner says when time has come to it. Times are ticks of event time.
template <class Key>
class lazy_timers {
 public:
  // width: of a bucket; about an eighth of how far ahead timers are.
  explicit lazy_timers(duration width)
      : shift_(static_cast<int>(
                   std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(1, ticks(width))))) -
               1) {}

  void add(timestamp at, Key const& key) {
    std::int64_t const bucket = ticks(at) >> shift_;
    if (!started_) started_ = true, current_ = bucket - 1;
    if (bucket <= current_) {
      near_.push_back({at, key});
      std::push_heap(near_.begin(), near_.end(), later);
    } else if (bucket - current_ < slots) {
      ring_[slot(bucket)].push_back({at, key});
      used_ |= bit(bucket);
    } else {
      far_[bucket].push_back({at, key});
    }
  }

  // Never later than the earliest real timer; max_time without entries.
  timestamp deadline() const {
    if (!near_.empty()) return near_.front().at;
    std::int64_t const bucket = first_bucket();
    return bucket == nothing ? max_time : from_ticks(bucket << shift_);
  }

  // real(key, at): when the key is really due; max_time when the entry is stale. fire(key, at): it is due. In order of
  // time, those of one time in an order of their own, which does not depend on when they were added.
  template <class Real, class Fire>
  void advance(timestamp now, Real real, Fire fire) {
    for (;;) {
      while (!near_.empty() && near_.front().at <= now) {
        std::pop_heap(near_.begin(), near_.end(), later);
        entry const e = std::move(near_.back());
        near_.pop_back();
        timestamp const due = real(e.key, e.at);
        if (due == e.at)
          fire(e.key, e.at);
        else if (due != max_time)
          add(due, e.key);
      }
      std::int64_t const bucket = first_bucket();
      if (bucket == nothing || bucket << shift_ > ticks(now)) {
        if (now != max_time && started_) current_ = std::max(current_, ticks(now) >> shift_);
        return;
      }
      open_bucket(bucket, real);
    }
  }
  void clear() {
    near_.clear(), far_.clear(), used_ = 0, started_ = false;
    for (auto& r : ring_) r.clear();
  }

 private:
  struct entry {
    timestamp at;
    Key key;
  };
  static constexpr std::int64_t slots = 64;
  static constexpr std::int64_t nothing = std::numeric_limits<std::int64_t>::max();

  static std::size_t slot(std::int64_t bucket) { return static_cast<std::size_t>(bucket & (slots - 1)); }
  static std::uint64_t bit(std::int64_t bucket) { return std::uint64_t{1} << slot(bucket); }
  static bool later(entry const& a, entry const& b) {
    if (a.at != b.at) return a.at > b.at;
    if constexpr (std::totally_ordered<Key>)
      return a.key > b.key;
    else
      return key_hash<Key>{}(a.key) > key_hash<Key>{}(b.key);
  }
  std::int64_t first_bucket() const {
    std::int64_t first = far_.empty() ? nothing : far_.begin()->first;
    if (used_) {
      int const ahead = std::countr_zero(std::rotr(used_, static_cast<int>(slot(current_ + 1))));
      first = std::min(first, current_ + 1 + ahead);
    }
    return first;
  }
  // Time has come to a bucket: what is real in it is filed as near.
  template <class Real>
  void open_bucket(std::int64_t bucket, Real& real) {
    current_ = bucket;
    opened_.clear();
    if (used_ & bit(bucket)) opened_.swap(ring_[slot(bucket)]);
    used_ &= ~bit(bucket);
    while (!far_.empty() && far_.begin()->first - bucket < slots) {  // now within reach of the ring
      auto node = far_.extract(far_.begin());
      if (node.key() == bucket)
        opened_.insert(opened_.end(), node.mapped().begin(), node.mapped().end());
      else
        for (entry const& e : node.mapped()) add(e.at, e.key);
    }
    for (entry const& e : opened_)
      if (timestamp const due = real(e.key, e.at); due != max_time) add(due, e.key);
  }

  int shift_;
  bool started_ = false;
  std::int64_t current_ = 0;          // the bucket that time is in
  std::uint64_t used_ = 0;            // which buckets of the ring hold entries
  std::vector<entry> near_, opened_;  // near_: a heap of all that is in the current bucket or before it
  std::array<std::vector<entry>, slots> ring_;  // the next 63 buckets, unsorted
  std::map<std::int64_t, std::vector<entry>> far_;
};

}  // namespace weir
