// state_evolution: the values of one state, written anew with today's schema.
#pragma once

#include <weir/state/entry_sums.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/lmdb.hpp>
#include <weir/state/stored_form.hpp>
#include <weir/state/transcoder.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::detail {

struct state_evolution {
  std::uint32_t id;  // of the state
  transcoder convert;
  bool repeated;       // see stored_form
  std::string schema;  // what they have then

  // damaged(stored key) throws.
  template <class Damaged>
  WEIR_COLD void rewrite(lmdb_environment& environment, write_transaction& txn, Damaged damaged) const {
    lmdb_cursor cursor(environment, txn.handle(), database::state);
    lmdb_cursor meta(environment, txn.handle(), database::meta);
    kept_sums sums(meta);
    std::string prefix, key, value, now;
    append_big(prefix, id);
    for (bool there = cursor.seek(prefix); there && cursor.key().starts_with(prefix); there = cursor.next()) {
      key = cursor.key();
      value.clear();
      each_item(
          key, cursor.value(),
          [&](std::string_view whole_key, std::string_view payload) {
            byte_reader in(payload);
            now.clear();
            do convert.convert(in, now);
            while (repeated && in.remaining() > 0);
            in.finish();
            append_value(value, whole_key, now);
            return true;
          },
          [&] { damaged(key); });
      sums.remove(database::state, key, cursor.value());
      sums.add(database::state, key, value);
      cursor.put(key, value);
    }
    sums.save();
  }
};

}  // namespace weir::detail
