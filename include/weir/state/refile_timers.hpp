// refile_timers: after a restore, the timers of a table's keys go back to where a stage looks at them.
#pragma once

#include <weir/state/key_codec.hpp>
#include <weir/time.hpp>

#include <string_view>

namespace weir::detail {

// add(time, key) for each key of the table that has a timer. A durable store lists its timers by itself, and no value is
// read; elsewhere due(value) says when, and max_time is none.
template <class Key, class Backend, class Table, class Due, class Add>
void refile_timers(Backend& backend, Table& table, Due const& due, Add const& add) {
  if constexpr (requires { table.timer_id(); }) {
    backend.for_each_timer(table.timer_id(), min_time, max_time, [&](timestamp at, std::string_view key_bytes) {
      add(at, decode_key<Key>(key_bytes));
      return true;
    });
  } else {
    table.for_each([&](Key const& key, auto const& value) {
      if (timestamp const at = due(value); at != max_time) add(at, key);
    });
  }
}

}  // namespace weir::detail
