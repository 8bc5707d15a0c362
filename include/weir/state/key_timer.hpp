#pragma once

#include <weir/time.hpp>

namespace weir::detail {

// The timer of one key of a timed_table: the part of its value that says where it is filed. A durable store keeps timers
// apart from values, and has to be told which one to erase.
template <bool Durable>
struct key_timer {
  timestamp filed = max_time;   // the time of the key's entry in the timers: never later than the real one
  timestamp stored = max_time;  // the time of its entry in the store
  // From the store, and not filed since. Where its entry in the timers is, if it has one, nobody knows: it may be unread yet,
  // and the lateness may be another one by now.
  bool read = false;

  bool is_filed_at(timestamp at) const { return at == filed || read; }
  void file_at(timestamp at) { filed = at, read = false; }
  // No later than this it must be filed where `due` is the time for it.
  timestamp file_by(timestamp due) const { return read && stored < due && due != max_time ? stored : due; }
  // due: what it is from now on; max_time is none.
  template <class Out>
  void save_timer(timestamp due, Out& out) const {
    if (stored != max_time && stored != due) out.erase_timer(stored);
    if (due != max_time) out.put_timer(due);
  }
  void loaded(timestamp due) { filed = max_time, stored = due, read = true; }
  void saved(timestamp due) { stored = due; }
  void revived(key_timer const& erased) { stored = erased.stored; }
};
template <>
struct key_timer<false> {
  timestamp filed = max_time;

  bool is_filed_at(timestamp at) const { return at == filed; }
  void file_at(timestamp at) { filed = at; }
  timestamp file_by(timestamp due) const { return due; }
  template <class Out>
  void save_timer(timestamp, Out&) const {}
  void loaded(timestamp due) { filed = due; }
  void saved(timestamp) {}
  void revived(key_timer const&) {}
};

}  // namespace weir::detail
