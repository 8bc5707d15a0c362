// verify_store: whether a state directory holds what was written, before any of it is used.
#pragma once

#include <weir/core/paths.hpp>
#include <weir/state/entry_sums.hpp>
#include <weir/state/lmdb.hpp>
#include <weir/state/lmdb_first_pages.hpp>
#include <weir/state/state_catalog.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::detail {

// The damage of a store that was opened with verify.
class store_verifier {
 public:
  store_verifier(read_transaction const& now, layout_record const* layout) : now_(now), layout_(layout) {}

  // All of it. Error: store_error for the first that is wrong.
  WEIR_COLD void check() {
    for (database const d : {database::meta, database::state, database::timers}) check(d);
    if (layout_ == nullptr && entries_ != 0)
      damaged("there are entries, and no list of the states that they belong to");
    if (!written_) return;
    for_each_difference(*written_, found_, [&](entry_sum const& was, entry_sum const& is) {
      damaged(difference_text(name(was.id), was, is));
    });
  }
  [[noreturn]] WEIR_COLD void damaged(std::string const& what) const {
    throw store_error("weir::lmdb_store: " + now_.environment().directory() + ": verify: " + what +
                      "; the file is damaged: weir fsck says where, restore a savepoint to a new directory");
  }

 private:
  WEIR_COLD void check(database d) {
    lmdb_cursor cursor(now_.environment(), now_.handle(), d);
    std::string last, room;
    std::size_t count = 0;
    for (bool there = cursor.first(); there; there = cursor.next()) {
      std::string_view const key = cursor.key();
      // A page that stands in two places of a tree: it may have no end.
      if (count++ != 0 && key <= last) damaged(place(d, key) + " is not in its place");
      last = key;
      found_.add(d, key, cursor.value());
      each_item(
          key, cursor.value(),
          [&](std::string_view whole_key, std::string_view payload) {
            if (stored_key(whole_key, room) != key) damaged(place(d, key) + " holds another key");
            if (d == database::meta && key == sums_name) written_ = entry_sums::from_bytes(payload);
            return true;
          },
          [&] { damaged(place(d, key) + " fails its checksum"); });
      if (d != database::meta) check_owner(d, key);
    }
    if (d != database::meta) entries_ += count;
    if (count != now_.entries(d))
      damaged("LMDB counts " + std::to_string(now_.entries(d)) + " entries of " +
              database_names[static_cast<std::size_t>(d)] + ", and " + std::to_string(count) + " are there");
  }
  WEIR_COLD void check_owner(database d, std::string_view key) const {
    if (layout_ == nullptr) return;
    if (key.size() < 6 || load_big<std::uint32_t>(key.data()) >= layout_->states.size())
      damaged(place(d, key) + " belongs to no state");
    if (load_big<std::uint16_t>(key.data() + 4) >= layout_->key_groups)
      damaged(place(d, key) + " is in a key group that does not exist");
  }
  WEIR_COLD std::string name(std::uint32_t id) const {
    return layout_ != nullptr && id < layout_->states.size() ? "\"" + layout_->states[id].full_name() + "\""
                                                             : "state " + std::to_string(id);
  }
  WEIR_COLD std::string place(database d, std::string_view key) const {
    if (d == database::meta) return "the record \"" + std::string(key) + "\"";
    std::string text = d == database::timers ? "a timer" : "an entry";
    if (key.size() >= 6)
      text += " of " + name(load_big<std::uint32_t>(key.data())) + ", key group " +
              std::to_string(load_big<std::uint16_t>(key.data() + 4));
    return text;
  }

  read_transaction const& now_;
  layout_record const* layout_;  // null: no state was ever committed
  entry_sums found_;
  std::optional<entry_sums> written_;
  std::size_t entries_ = 0;
};

// Before anything else is read. Whether LMDB's other pages fit together is for weir fsck, which is a process that may die.
WEIR_COLD inline void verify_first_pages(read_transaction const& now) {
  std::string const said = damaged_meta_pages(join_path(now.environment().directory(), "data.mdb"));
  if (!said.empty()) store_verifier(now, nullptr).damaged(said);
}
WEIR_COLD inline void verify_entries(read_transaction const& now, layout_record const* layout) {
  store_verifier(now, layout).check();
}

}  // namespace weir::detail
