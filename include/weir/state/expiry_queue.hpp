// expiry_queue: keys in the order of the times at which they must be looked at, a few of them at a time.
#pragma once

#include <weir/time.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace weir::detail {

// A hint a key, as in lazy_timers: who lives longer than it was filed for is filed anew when it is looked at. Times are
// taken together in buckets, without order in them, and a bucket is due when all of it is: what this is for can wait a
// little, and no step does more than is asked for.
template <class Key>
class expiry_queue {
 public:
  // width: of a bucket; a small part of how long things live.
  explicit expiry_queue(duration width)
      : shift_(static_cast<int>(
                   std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(1, ticks(width))))) -
               1) {}

  // When the first bucket is due; max_time: nobody is here.
  timestamp due() const { return buckets_.empty() ? max_time : end_of(buckets_.begin()->first); }
  bool has_due(timestamp now) const { return !buckets_.empty() && due() <= now; }
  void add(timestamp at, Key key) { buckets_[ticks(at) >> shift_].push_back({at, std::move(key)}); }
  // look(key, at) for up to `most` of those that are due: it says when to look again, max_time: not.
  template <class Look>
  void sweep(timestamp now, std::size_t most, Look look) {
    for (; most > 0 && has_due(now); --most) {
      auto const first = buckets_.begin();
      hint h = std::move(first->second.back());
      first->second.pop_back();
      if (first->second.empty()) buckets_.erase(first);
      if (timestamp const next = look(std::as_const(h.key), h.at); next != max_time)
        add(next, std::move(h.key));
    }
  }

 private:
  struct hint {
    timestamp at;
    Key key;
  };
  timestamp end_of(std::int64_t bucket) const {
    if (bucket >= ticks(max_time) >> shift_) return max_time;
    return from_ticks((bucket + 1) << shift_);
  }

  int shift_;
  std::map<std::int64_t, std::vector<hint>> buckets_;
};

}  // namespace weir::detail
