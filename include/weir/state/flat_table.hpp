// flat_table: the hash table of weir in memory, with what a table for the record path needs on top of it.
#pragma once

#include <weir/state/key_hash.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class Key, class Value>
using flat_map = boost::unordered_flat_map<Key, Value, key_hash<Key>, key_equal<Key>>;

// What a key is looked up by: numbers as the Key that they mean, so that their hashes agree; text as a view of
// it.
template <class Key, class K>
WEIR_INLINE decltype(auto) as_key(K const& key) {
  if constexpr (std::is_same_v<K, Key>)
    return (key);
  else if constexpr (std::is_arithmetic_v<Key> && std::is_arithmetic_v<K>)
    return static_cast<Key>(key);
  else if constexpr (std::is_same_v<Key, std::string>)
    return std::string_view(key);
  else
    return (key);
}

// Whether most keys that are looked for are there: adding one is then a call, which leaves its registers to the loop. In a
// pane every key is new once.
enum class new_keys { often, seldom };

template <class Key, class Value>
WEIR_NOINLINE auto add_entry(flat_map<Key, Value>& map, Key key, Value value) {
  return map.try_emplace(std::move(key), std::move(value)).first;
}

// The entry of the key; where there is none, one with the value make(). `key` is a Key or anything that hashes
// and compares like one; a Key is made of it only when an entry is. Looking first and adding then is faster
// than try_emplace alone: a hit, which nearly every record is, becomes a short loop without calls.
template <new_keys New, class Key, class Value, class K, class Make>
WEIR_INLINE auto find_or_make(flat_map<Key, Value>& map, K const& key, Make const& make) {
  auto const at = map.find(as_key<Key>(key));
  if (at != map.end()) [[likely]]
    return at;
  if constexpr (New == new_keys::often)
    return map.try_emplace(Key(as_key<Key>(key)), make()).first;
  else
    return add_entry<Key, Value>(map, Key(as_key<Key>(key)), make());
}

}  // namespace weir::detail
