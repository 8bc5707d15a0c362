// expiry_queue: keys in the order of the times at which they must be looked at, a few of them at a time.
#pragma once

#include <weir/state/key_hash.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace weir::detail {

// A hint a key, as in lazy_timers: who lives longer than it was filed for is filed anew when it is looked at. A heap and no
// wheel: no step does more than is asked for.
template <class Key>
class expiry_queue {
 public:
  // Never later than the first that has expired; max_time: nobody is here.
  timestamp due() const { return hints_.empty() ? max_time : hints_.front().at; }
  bool has_due(timestamp now) const { return !hints_.empty() && hints_.front().at <= now; }
  WEIR_NOINLINE void add(timestamp at, Key key) {
    hints_.push_back({at, std::move(key)});
    std::ranges::push_heap(hints_, later);
  }
  // look(key, at) for up to `most` of those that `now` has come to: it says when to look again, max_time: not.
  template <class Look>
  void sweep(timestamp now, std::size_t most, Look look) {
    for (; most > 0 && has_due(now); --most) {
      std::ranges::pop_heap(hints_, later);
      hint h = std::move(hints_.back());
      hints_.pop_back();
      if (timestamp const next = look(std::as_const(h.key), h.at); next != max_time)
        add(next, std::move(h.key));
    }
  }

 private:
  struct hint {
    timestamp at;
    Key key;
  };
  static bool later(hint const& a, hint const& b) { return a.at > b.at; }

  std::vector<hint> hints_;
};

}  // namespace weir::detail
