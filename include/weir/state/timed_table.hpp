// timed_table: a table whose keys each have a time at which they must be looked at, in one lazy timer a key.
#pragma once

#include <weir/state/key_codec.hpp>
#include <weir/state/lazy_timers.hpp>
#include <weir/state/unread_timers.hpp>
#include <weir/time.hpp>

#include <string_view>

namespace weir::detail {

// Values derive from key_timer, and each that has a timer has been filed.
template <class Key, class Table, class Backend>
class timed_table : public Table {
 public:
  // width: about an eighth of how far ahead timers are.
  template <class Format>
  timed_table(Backend& backend, std::string_view uid, Format const& format, duration width)
      : Table(backend, uid, format), backend_(&backend), timers_(width), unread_(width) {}

  // Never later than the earliest timer.
  timestamp deadline() const { return earlier(timers_.deadline(), unread_.first()); }
  // The value of the key has its timer at `due` from now on; max_time: it has none.
  template <class K, class Value>
  void file(K const& key, Value& value, timestamp due) {
    due = value.file_by(due);
    value.file_at(due);
    if (due != max_time) timers_.add(due, Key(key));
  }
  // fire(key, value, at) for each timer up to `now`, in order of time; it may erase the key, and files it anew otherwise.
  // due(value): when the value's timer really is, which may be later than where it is filed.
  template <class Due, class Fire>
  void advance(timestamp now, Due due, Fire fire) {
    if constexpr (durable)
      while (unread_.holds(now)) [[unlikely]] {
        unread_.read(*backend_, this->timer_id(), [&](timestamp at, std::string_view key_bytes) {
          timers_.add(at, decode_key<Key>(key_bytes));
        });
        if (unread_.holds(now)) step(unread_.first() - tick, due, fire);
      }
    step(now, due, fire);
  }
  // After a restore of the table. A durable store lists its timers by itself, and no value is read.
  void restored() {
    if constexpr (durable) {
      unread_.open(*backend_, this->timer_id());
    } else {
      this->for_each([&](Key const& key, auto const& value) {
        if (value.filed != max_time) timers_.add(value.filed, key);
      });
    }
  }

 private:
  static constexpr bool durable = requires(Table const& t) { t.timer_id(); };

  template <class Due, class Fire>
  void step(timestamp now, Due& due, Fire& fire) {
    timers_.advance(
        now,
        [&](Key const& key, timestamp at) {
          auto* const value = this->find(key);
          if (value == nullptr || !value->is_filed_at(at)) return max_time;
          value->file_at(due(*value));
          return value->filed;
        },
        [&](Key const& key, timestamp at) { fire(key, *this->find(key), at); });
  }

  Backend* backend_;
  lazy_timers<Key> timers_;
  unread_timers unread_;  // none but after a restore
};

}  // namespace weir::detail
