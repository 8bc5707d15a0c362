#pragma once

#include <weir/core/valve.hpp>
#include <weir/time.hpp>

#include <cstddef>
#include <vector>

namespace weir::detail {

// The watermarks of the splits of a source, and which of them hold back what is sent on. The rules are those of
// core/valve.hpp; kept apart, since here the watermark of one moves in the kernel.
struct split_times {
  struct split {
    timestamp watermark = min_time;
    bool finished = false;
    bool idle = false;  // not saved: after a restart all are asked anew
    duration quiet{};   // how long the run has waited for it since its last record

    input_status status() const {
      return finished ? input_status::finished : idle ? input_status::idle : input_status::active;
    }
    template <class Ar>
    void state(Ar& ar) {
      ar(watermark), ar(finished);
    }
  };
  std::vector<split> all = std::vector<split>(1);
  std::size_t current = 0;      // that is being read
  timestamp others = max_time;  // the least watermark of those that are not, and have not finished
  bool at_head = false;         // the splits are those of the source, and not whatever meets above

  timestamp& own() { return all[current].watermark; }
  timestamp own() const { return all[current].watermark; }
  void resize(std::size_t n) { at_head = true, all.resize(n), select(0); }
  void select(std::size_t i) {
    current = i;
    others = max_time;
    for (std::size_t j = 0; j < all.size(); ++j)
      if (j != i && !all[j].finished) others = earlier(others, all[j].watermark);
  }
  void finish(std::size_t i) { all[i].finished = true, select(i); }

  // From here on for strategies with idleness. `made` is what has been sent on.
  timestamp least(timestamp made, std::size_t except) const {
    timestamp least = max_time;
    for (std::size_t j = 0; j < all.size(); ++j)
      if (j != except && all[j].status() == input_status::active && all[j].watermark >= made)
        least = earlier(least, all[j].watermark);
    return least;
  }
  void select(std::size_t i, timestamp made) { current = i, others = least(made, i); }
  bool none_active() const {
    for (split const& s : all)
      if (s.status() == input_status::active) return false;
    return true;
  }
  bool all_have_finished() const {
    for (split const& s : all)
      if (!s.finished) return false;
    return true;
  }
  // What the splits make together.
  timestamp now(timestamp made) const {
    timestamp top = made;
    if (none_active()) {
      for (split const& s : all) top = later(top, s.watermark);
      return top;
    }
    timestamp const held = least(made, all.size());
    return held == max_time ? made : held;
  }
  // Whether the split becomes idle by that.
  bool look(std::size_t i, duration timeout) {
    split& s = all[i];
    if (s.status() != input_status::active || s.quiet <= timeout) return false;
    return s.idle = true;
  }
  duration until_idle(std::size_t i, duration timeout) const {
    split const& s = all[i];
    return s.status() == input_status::active ? timeout - s.quiet : duration::max();
  }
  template <class Ar>
  void state(Ar& ar) {
    ar(all);
  }
};

}  // namespace weir::detail
