// dumped_table: a table in memory that can be written out whole, through its format, and filled again.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/memory_store.hpp>
#include <weir/state/state_format.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// What is stored for one key: by part, and by part and map key.
using stored_parts = std::pair<std::map<std::uint64_t, std::string>,
                               std::map<std::uint64_t, std::map<std::string, std::string>>>;

// The Out of a state_format, for one value. (Templates, so that maps cost only those who dump.)
template <class Parts>
class parts_out {
 public:
  explicit parts_out(Parts& to) : to_(to) {}

  void put(std::size_t part, std::string_view bytes) { to_.first[part] = bytes; }
  void erase(std::size_t part) { to_.first.erase(part); }
  void put_map(std::size_t part, std::string_view key, std::string_view bytes) {
    to_.second[part][std::string(key)] = bytes;
  }
  void erase_map(std::size_t part, std::string_view key) { to_.second[part].erase(std::string(key)); }
  void replace_map(std::size_t part) { to_.second.erase(part); }
  void put_timer(timestamp) {}  // told by the value: see timed_table
  void erase_timer(timestamp) {}
  std::string& scratch() {
    scratch_.clear();
    return scratch_;
  }

 private:
  Parts& to_;
  std::string scratch_;
};

// The In of a state_format, for one value.
template <class Parts>
class parts_in {
 public:
  explicit parts_in(Parts const& from) : from_(from) {}

  std::optional<std::string_view> get(std::size_t part) const {
    auto const at = from_.first.find(part);
    return at == from_.first.end() ? std::nullopt : std::optional<std::string_view>(at->second);
  }
  template <class F>
  void scan(std::size_t part, F f) const {
    if (auto const at = from_.second.find(part); at != from_.second.end())
      for (auto const& [key, bytes] : at->second) f(std::string_view(key), std::string_view(bytes));
  }

 private:
  Parts const& from_;
};

// Only dump and fill need a format that is one, and keys with a codec.
template <class Key, class Value, class Format>
class dumped_table : public memory_table<Key, Value> {
 public:
  template <class Backend>
  dumped_table(Backend& backend, std::string_view uid, Format const& format)
      : memory_table<Key, Value>(backend, uid, format), format_(format) {}

  // All entries in the order of their keys' bytes; equal tables give equal bytes, an empty one none.
  std::string dump() {
    std::map<std::string, stored_parts> entries;
    this->for_each([&](Key const& key, Value const& value) {
      std::string key_bytes;
      encode_key(key, key_bytes);
      parts_out out(entries[key_bytes]);
      format_.save(value, true, out);
    });
    std::string bytes;
    if (!entries.empty()) codec<decltype(entries)>::encode(entries, bytes);
    return bytes;
  }
  // Adds what dump gave. Error: format_error when it did not.
  void fill(std::string_view bytes) {
    std::map<std::string, stored_parts> entries;
    if (!bytes.empty()) decode(bytes, entries);
    for (auto const& [key_bytes, stored] : entries) {
      Value value{};
      parts_in in(stored);
      if (!format_.load(value, in)) continue;
      this->touch(decode_key<Key>(key_bytes), [&] { return std::move(value); });
    }
  }

 private:
  Format format_;
};

}  // namespace weir::detail
