// stored_panes: whether the store holds entries of a state, and of which windows.
#pragma once

#include <weir/state/layout.hpp>
#include <weir/state/lmdb.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace weir::detail {

// Either all entries of a state belong to windows, or none does.
class stored_panes {
 public:
  // The ends of the windows, in order.
  std::vector<timestamp> const& ends() const { return ends_; }
  bool holds(state_namespace space) const {
    return space.windowed ? std::binary_search(ends_.begin(), ends_.end(), space.window_end) : unwindowed_;
  }
  void add(state_namespace space) {
    if (holds(space)) return;
    if (space.windowed)
      ends_.insert(std::lower_bound(ends_.begin(), ends_.end(), space.window_end), space.window_end);
    else
      unwindowed_ = true;
  }
  // Whether it was there.
  bool remove(state_namespace space) {
    if (!holds(space)) return false;
    if (space.windowed)
      ends_.erase(std::lower_bound(ends_.begin(), ends_.end(), space.window_end));
    else
      unwindowed_ = false;
    return true;
  }

  // Jumps from pane to pane: one read for each group and pane, none for each key, and one for a state without windows.
  // The key of an operator's state has no bytes.
  WEIR_COLD void find(lmdb_cursor& state, std::uint32_t id) {
    std::string of_id, at;
    append_big(of_id, id);
    at = of_id;
    while (state.seek(at) && state.key().starts_with(of_id) && state.key().size() >= 7) {
      unwindowed_ = state.key()[6] == 0;
      if (unwindowed_ || state.key().size() < 15) return;
      auto const group = load_big<std::uint16_t>(state.key().data() + 4);
      timestamp const end = load_time(state.key().data() + 7);
      add({true, end});
      at.clear();
      if (end < max_time)
        append_state_prefix(at, id, group, {true, end + tick});
      else if (group < std::numeric_limits<std::uint16_t>::max())
        append_group_prefix(at, id, static_cast<std::uint16_t>(group + 1));
      else
        return;
    }
  }

 private:
  std::vector<timestamp> ends_;
  bool unwindowed_ = false;
};

}  // namespace weir::detail
