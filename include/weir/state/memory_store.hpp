// memory_store: state in memory and nowhere else.
#pragma once

#include <weir/state/flat_table.hpp>
#include <weir/time.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace weir {

namespace detail {

// One flat table. Every reference and pointer that it gives is valid until the next call that may add or erase.
template <class Key, class Value, class Format = void>
class memory_table {
 public:
  memory_table() = default;
  template <class Backend, class F>
  memory_table(Backend&, std::string_view, F const&) {}

  // The value of the key, for change; make() where there is none yet.
  template <class K, class Make>
  WEIR_INLINE Value& touch(K const& key, Make const& make) {
    return find_or_make<new_keys::seldom>(map_, key, make)->second;
  }
  // The same, faster where many keys are new, as in a pane.
  template <class K, class Make>
  WEIR_INLINE Value& touch_new(K const& key, Make const& make) {
    return find_or_make<new_keys::often>(map_, key, make)->second;
  }
  // The same, and whether there was none.
  template <class K, class Make>
  WEIR_INLINE std::pair<Value&, bool> touch_or_make(K const& key, Make const& make) {
    bool absent = false;
    auto const at = find_or_make<new_keys::seldom>(map_, key, [&] { return absent = true, make(); });
    return {at->second, absent};
  }
  // The value of the key, or nullptr.
  template <class K>
  WEIR_INLINE Value* find(K const& key) {
    auto const at = map_.find(as_key<Key>(key));
    return at == map_.end() ? nullptr : &at->second;
  }
  template <class K>
  void erase(K const& key) {
    if (auto const at = map_.find(as_key<Key>(key)); at != map_.end()) map_.erase(at);
  }
  // f(Key const&, Value const&) for every entry, in no order that means anything. f may not use this table.
  template <class F>
  void for_each(F f) {
    for (auto const& [key, value] : map_) f(key, value);
  }
  bool empty() { return map_.empty(); }
  // Erases all entries and keeps the room.
  void clear() { map_.clear(); }

  // The table holds the pane of the window that ends here.
  void bind(timestamp) {}
  // The pane is gone; the table may be bound to another.
  void drop() { map_.clear(); }
  // How many entries are held in memory.
  std::size_t held() const { return map_.size(); }

 private:
  flat_map<Key, Value> map_;
};

}  // namespace detail

struct memory_store;

// Nothing is shared between the tables of a run.
class memory_backend {
 public:
  template <class Key, class Value, class Format>
  using table = detail::memory_table<Key, Value, Format>;

  explicit memory_backend(memory_store const&) {}
  memory_backend(memory_backend const&) = delete;
  memory_backend& operator=(memory_backend const&) = delete;
};

// The policy that keeps state in memory: nothing survives the run, so there can be no checkpoints.
struct memory_store {
  using backend = memory_backend;
  static constexpr bool durable = false;
};

}  // namespace weir
