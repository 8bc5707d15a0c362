// frozen_table: what of a table a checkpoint writes, and how one value is read back from the store.
#pragma once

#include <weir/state/flat_table.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/lmdb_backend.hpp>
#include <weir/state/map_rows.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::detail {

// The In of a state_format: reads the parts of one key's value from the store.
class store_in {
 public:
  store_in(lmdb_backend& backend, std::uint32_t const* states, state_namespace space, std::uint16_t group,
           std::string_view key_bytes)
      : backend_(backend), states_(states), space_(space), group_(group), key_bytes_(key_bytes) {}

  // What a scan has read already.
  void preset(std::string_view payload) { preset_ = payload; }

  std::optional<std::string_view> get(std::size_t part) {
    if (preset_ && part == 0) return preset_;
    return backend_.get(prefix(part));
  }
  template <class F>
  void scan(std::size_t part, F f) {
    std::size_t const size = prefix(part).size();
    std::string const from = prefix_;  // f may read other parts
    backend_.scan(from, [&](std::string_view whole_key, std::string_view payload) {
      f(whole_key.substr(size), payload);
    });
  }
  // Of a map whose entries are read when they are asked for.
  map_place place(std::size_t part) { return {&backend_, std::string(prefix(part))}; }

 private:
  std::string_view prefix(std::size_t part) {
    prefix_.clear();
    append_state_prefix(prefix_, states_[part], group_, space_);
    return prefix_.append(key_bytes_);
  }

  lmdb_backend& backend_;
  std::uint32_t const* states_;
  state_namespace space_;
  std::uint16_t group_;
  std::string_view key_bytes_;
  std::optional<std::string_view> preset_;
  std::string prefix_;
};

// What a table holds in memory, in bytes or in entries.
struct table_memory {
  std::size_t changed = 0, frozen = 0, clean = 0;
};

// How large a table's entries are when they are written, as a measure of what they own beside their place in the table.
struct entry_sizes {
  std::atomic<std::uint64_t> entries{0}, bytes{0};

  std::size_t owned_each() const {
    std::uint64_t const n = entries.load(std::memory_order_relaxed);
    return n == 0 ? 64 : static_cast<std::size_t>(bytes.load(std::memory_order_relaxed) / n);
  }
};

// Bytes of a table with what its entries own, about.
template <class Key, class Value>
std::size_t memory_of(flat_map<Key, Value> const& map, entry_sizes const& sizes) {
  using entry = typename flat_map<Key, Value>::value_type;
  // Tables are between a half and seven eighths full. By what is in it and not by its room: room is made ahead.
  std::size_t bytes = map.size() * (sizeof(entry) + 1) * 3 / 2;
  if constexpr (!std::is_trivially_destructible_v<entry>) bytes += map.size() * sizes.owned_each();
  return bytes;
}

template <class Key, class Value>
struct table_layer {
  flat_map<Key, Value> live, erased;

  std::size_t memory(entry_sizes const& sizes) const {
    return memory_of(live, sizes) + memory_of(erased, sizes);
  }
  bool empty() const { return live.empty() && erased.empty(); }
  template <class K>
  bool knows(K const& key) const {
    return live.contains(key) || erased.contains(key);
  }
};

// A table's place in the store.
template <std::size_t Parts>
struct table_place {
  std::array<std::uint32_t, Parts> states{};
  std::uint32_t timers = 0;
  std::uint16_t key_groups = 0;
  state_namespace space;
};

template <class Key, class Value, class Format>
struct frozen_table final : frozen_part {
  std::shared_ptr<table_layer<Key, Value> const> layer;
  Format format;
  table_place<Format::parts> place;
  std::shared_ptr<entry_sizes> sizes;

  frozen_table(std::shared_ptr<table_layer<Key, Value> const> l, Format const& f,
               table_place<Format::parts> const& p, std::shared_ptr<entry_sizes> s)
      : layer(std::move(l)), format(f), place(p), sizes(std::move(s)) {}
  void write(flush_writer& writer) const override {
    flush_out out(writer, place.states, place.timers, place.space);
    std::string key_bytes;
    auto const save = [&](flat_map<Key, Value> const& values, bool alive) {
      for (auto const& [key, value] : values) {
        key_bytes.clear();
        encode_key(key, key_bytes);
        out.select(key_bytes, key_group(key_bytes, place.key_groups));
        format.save(value, alive, out);
      }
    };
    save(layer->erased, false);
    std::uint64_t const before = writer.bytes();
    save(layer->live, true);
    if (layer->live.empty()) return;
    sizes->bytes.store(writer.bytes() - before, std::memory_order_relaxed);
    sizes->entries.store(layer->live.size(), std::memory_order_relaxed);
  }
};

}  // namespace weir::detail
