// flush_plan and flush_writer: what one checkpoint changes in the store, gathered, sorted once and written
// through a cursor in one transaction.
#pragma once

#include <weir/state/entry_sums.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/lmdb.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// Templates, so that only those who keep state in a directory pay for them.

// Puts entries as they come.
template <class Environment>
class entry_writer {
 public:
  entry_writer(Environment& environment, write_transaction& txn)
      : cursors_{{{environment, txn.handle(), database::state},
                  {environment, txn.handle(), database::timers},
                  {environment, txn.handle(), database::meta}}} {}

  void put(database d, std::string_view whole_key, std::string_view payload) {
    lmdb_cursor& cursor = cursors_[static_cast<std::size_t>(d)];
    std::string_view const key = stored_key(whole_key, room_);
    value_.clear();
    if (is_long(whole_key) && cursor.find(key)) value_ = cursor.value();
    append_value(value_, whole_key, payload);
    cursor.put(key, value_);
  }

 private:
  std::array<lmdb_cursor, database_count> cursors_;
  std::string room_, value_;
};

// Gathers changes by whole key. All of it belongs to the flushing thread.
template <class = void>
class basic_flush_writer {
 public:
  void put(database d, std::string_view whole_key, std::string_view payload) {
    std::string_view const key = stored_key(whole_key, room_);
    value_.clear();
    append_value(value_, whole_key, payload);
    add(d, key, value_, is_long(whole_key) ? kind::put_item : kind::put);
  }
  void erase(database d, std::string_view whole_key) {
    std::string_view const key = stored_key(whole_key, room_);
    if (is_long(whole_key))
      add(d, key, whole_key, kind::erase_item);
    else
      add(d, key, {}, kind::erase);
  }
  // All stored whole keys that begin so go away, before anything is put.
  void erase_prefix(database d, std::string_view prefix) {
    prefixes_.push_back(std::string(1, static_cast<char>(d)) += prefix);
  }

  std::size_t size() const { return operations_.size(); }
  // Of all keys and values so far.
  std::uint64_t bytes() const { return bytes_; }

  // Writes everything and syncs it. Error: store_error; then nothing of it is stored (or, after a failed sync,
  // it is in doubt: the environment is poisoned). May be called again.
  void apply(lmdb_environment& environment) {
    std::sort(operations_.begin(), operations_.end(), before);
    write_transaction txn(environment);
    {
      lmdb_cursor cursors[database_count]{{environment, txn.handle(), database::state},
                                          {environment, txn.handle(), database::timers},
                                          {environment, txn.handle(), database::meta}};
      auto const cursor = [&](database d) -> lmdb_cursor& { return cursors[static_cast<std::size_t>(d)]; };
      kept_sums sums(cursor(database::meta));
      for (std::string_view prefix : prefixes_) {
        auto const d = static_cast<database>(prefix[0]);
        erase_all(environment, d, cursor(d), prefix.substr(1), sums);
      }
      for (operation const& o : operations_) apply_one(environment, cursor(o.where), o, sums);
      sums.save();
    }
    txn.commit();
  }

 private:
  enum class kind : std::uint8_t { put, erase, put_item, erase_item };
  // The first 24 bytes of the key stand in the operation itself: sorting then hardly ever leaves the array.
  struct operation {
    std::uint64_t head[3];
    char const* bytes;  // the key, then the value
    std::uint32_t value_size;
    std::uint32_t sequence;
    std::uint16_t key_size;
    database where;
    kind what;
    std::string_view key() const { return {bytes, key_size}; }
    std::string_view value() const { return {bytes + key_size, value_size}; }
  };
  static bool before(operation const& a, operation const& b) {
    if (a.where != b.where) return a.where < b.where;
    for (std::size_t i = 0; i < 3; ++i)
      if (a.head[i] != b.head[i]) return a.head[i] < b.head[i];
    int const order = a.key().compare(b.key());
    return order != 0 ? order < 0 : a.sequence < b.sequence;
  }

  void add(database d, std::string_view key, std::string_view value, kind what) {
    bytes_ += key.size() + value.size();
    char* const place = allocate(key.size() + value.size());
    std::memcpy(place, key.data(), key.size());
    if (!value.empty()) std::memcpy(place + key.size(), value.data(), value.size());
    operation o{{0, 0, 0},
                place,
                static_cast<std::uint32_t>(value.size()),
                static_cast<std::uint32_t>(operations_.size()),
                static_cast<std::uint16_t>(key.size()),
                d,
                what};
    char head[24]{};
    std::memcpy(head, key.data(), std::min<std::size_t>(24, key.size()));
    for (std::size_t i = 0; i < 3; ++i) o.head[i] = load_big<std::uint64_t>(head + 8 * i);
    operations_.push_back(o);
  }
  char* allocate(std::size_t n) {
    if (n > free_) {
      std::size_t const size = std::max<std::size_t>(n, 1 << 20);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      next_ = blocks_.back().get();
      free_ = size;
    }
    free_ -= n;
    return std::exchange(next_, next_ + n);
  }

  [[noreturn]] WEIR_COLD static void damaged(lmdb_environment const& environment) {
    throw store_error("weir::lmdb_store: " + environment.directory() +
                      ": the entry of a long key fails its checksum: the file is damaged, restore a savepoint");
  }
  void apply_one(lmdb_environment& environment, lmdb_cursor& cursor, operation const& o, kept_sums& sums) {
    if (o.what == kind::put) {
      if (auto const old = cursor.put_new(o.key(), o.value())) {
        if (*old == o.value()) return;
        sums.remove(o.where, o.key(), *old);
        cursor.replace(o.key(), o.value());
      }
      return sums.add(o.where, o.key(), o.value());
    }
    bool const found = cursor.find(o.key());
    if (found) sums.remove(o.where, o.key(), cursor.value());
    if (o.what == kind::erase) {
      if (found) cursor.erase();
      return;
    }
    std::string_view whole_key = o.value();  // of erase_item
    if (o.what == kind::put_item)
      whole_key = o.value().substr(bucket_header_size, load_little<std::uint32_t>(o.value().data()));
    std::string bucket;
    if (found)
      bucket = bucket_without(
          o.key(), cursor.value(), [&](std::string_view k) { return k == whole_key; },
          [&] { damaged(environment); });
    if (o.what == kind::put_item) bucket.append(o.value());
    if (!bucket.empty()) {
      sums.add(o.where, o.key(), bucket);
      cursor.put(o.key(), bucket);
    } else if (found) {
      cursor.erase();
    }
  }
  void erase_all(lmdb_environment& environment, database d, lmdb_cursor& cursor, std::string_view prefix,
                 kept_sums& sums) {
    std::string_view const cut = cut_prefix(prefix);
    for (bool there = cursor.seek(cut); there && cursor.key().starts_with(cut); there = cursor.next()) {
      if (!is_cut(cursor.key()) || prefix.size() == cut.size()) {
        if (!cursor.key().starts_with(prefix)) continue;
        sums.remove(d, cursor.key(), cursor.value());
        cursor.erase();
        continue;
      }
      sums.remove(d, cursor.key(), cursor.value());
      std::string const key(cursor.key());
      std::string const bucket = bucket_without(
          key, cursor.value(), [&](std::string_view k) { return k.starts_with(prefix); },
          [&] { damaged(environment); });
      if (bucket.empty()) {
        cursor.erase();
      } else {
        sums.add(d, key, bucket);
        cursor.put(key, bucket);
      }
    }
  }

  std::vector<operation> operations_;
  std::vector<std::string> prefixes_;  // behind a byte for the database
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t free_ = 0;
  std::uint64_t bytes_ = 0;
  std::string room_, value_;
};

using flush_writer = basic_flush_writer<>;

// The Out of a state_format: writes the parts of one key's value.
template <class Writer>
class flush_out {
 public:
  flush_out(Writer& writer, std::span<std::uint32_t const> states, std::uint32_t timers, state_namespace space)
      : writer_(writer), states_(states), timers_(timers), space_(space) {}

  // What comes now belongs to this key.
  void select(std::string_view key_bytes, std::uint16_t group) { key_bytes_ = key_bytes, group_ = group; }

  void put(std::size_t part, std::string_view bytes) { writer_.put(database::state, key(part, {}), bytes); }
  void erase(std::size_t part) { writer_.erase(database::state, key(part, {})); }
  void put_map(std::size_t part, std::string_view map_key, std::string_view bytes) {
    writer_.put(database::state, key(part, map_key), bytes);
  }
  void erase_map(std::size_t part, std::string_view map_key) {
    writer_.erase(database::state, key(part, map_key));
  }
  void replace_map(std::size_t part) { writer_.erase_prefix(database::state, key(part, {})); }
  void put_timer(timestamp at) { writer_.put(database::timers, timer(at), {}); }
  void erase_timer(timestamp at) { writer_.erase(database::timers, timer(at)); }
  std::string& scratch() {
    scratch_.clear();
    return scratch_;
  }

 private:
  std::string_view key(std::size_t part, std::string_view map_key) {
    whole_key_.clear();
    append_state_prefix(whole_key_, states_[part], group_, space_);
    return whole_key_.append(key_bytes_).append(map_key);
  }
  std::string_view timer(timestamp at) {
    whole_key_.clear();
    append_timer_prefix(whole_key_, timers_, group_, at);
    return whole_key_.append(key_bytes_);
  }

  Writer& writer_;
  std::span<std::uint32_t const> states_;
  std::uint32_t timers_;
  state_namespace space_;
  std::string_view key_bytes_;
  std::uint16_t group_ = 0;
  std::string whole_key_, scratch_;
};

// A table's part of a checkpoint: immutable, written by another thread while records go on.
struct frozen_part {
  virtual ~frozen_part() = default;
  virtual void write(flush_writer&) const = 0;
};

// Layers that nobody reads any more. Freeing a million entries takes time: let the flushing thread do it.
using garbage = std::vector<std::shared_ptr<void const>>;

// Everything that one checkpoint changes, collected at the barrier. To be written until it succeeds, or never.
struct flush_plan {
  struct dropped {
    std::uint32_t state;
    state_namespace space;
  };
  std::vector<dropped> drops;
  std::vector<std::uint32_t> forgotten{};  // states and timers of which nothing is kept
  std::vector<std::unique_ptr<frozen_part const>> parts;
  std::vector<std::pair<std::string, std::string>> meta;  // name and payload

  template <class Writer>
  void write(Writer& writer, std::uint16_t key_groups) const {
    std::string prefix;
    for (dropped const& d : drops) {
      for (unsigned group = 0; group < key_groups; ++group) {
        prefix.clear();
        append_state_prefix(prefix, d.state, static_cast<std::uint16_t>(group), d.space);
        writer.erase_prefix(database::state, prefix);
      }
    }
    for (std::uint32_t const id : forgotten) {
      prefix.clear();
      append_big(prefix, id);
      writer.erase_prefix(database::state, prefix);
      writer.erase_prefix(database::timers, prefix);
    }
    for (auto const& part : parts) part->write(writer);
    for (auto const& [name, payload] : meta) writer.put(database::meta, name, payload);
  }
};

}  // namespace weir::detail
