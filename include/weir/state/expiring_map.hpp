// expiring_map: the entries of a map with the ends of their lives, and an index by these.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// Making a life longer leaves the index alone: an entry is filed anew when it is looked at.
// Bytes of an entry: its end, then the value.
template <class K, class V>
struct expiring_map {
  struct slot {
    V value{};
    timestamp end = min_time;
    timestamp filed = max_time;  // where the entry stands in the index: never later than its end
  };
  using entry_map = std::map<K, slot, std::less<>>;
  entry_map entries;
  std::set<std::pair<timestamp, K>> order;

  void file(typename entry_map::iterator at) {
    if (at->second.filed <= at->second.end) return;
    if (at->second.filed != max_time) order.erase({at->second.filed, at->first});
    at->second.filed = at->second.end;
    order.emplace(at->second.end, at->first);
  }
  void erase(typename entry_map::iterator at) {
    order.erase({at->second.filed, at->first});
    entries.erase(at);
  }
  void clear() { entries.clear(), order.clear(); }
  void drop_expired(timestamp now) {
    while (!order.empty() && order.begin()->first <= now) {
      auto node = order.extract(order.begin());
      auto const at = entries.find(node.value().second);
      if (at->second.end <= now) {
        entries.erase(at);
      } else {
        node.value().first = at->second.filed = at->second.end;
        order.insert(std::move(node));
      }
    }
  }
  // Never later than the first end.
  timestamp due() const { return order.empty() ? max_time : order.begin()->first; }
  timestamp first_end() const {
    timestamp first = max_time;
    for (auto const& [k, s] : entries) first = earlier(first, s.end);
    return first;
  }
  bool expired(timestamp now) const {
    return std::none_of(entries.begin(), entries.end(), [&](auto const& e) { return e.second.end > now; });
  }

  template <class Out>
  void save(std::size_t part, Out& out, timestamp now) const {
    out.replace_map(part);
    std::string key_bytes;
    for (auto const& [k, s] : entries) {
      if (s.end <= now) continue;
      key_bytes.clear();
      encode_key(k, key_bytes);
      std::string& bytes = out.scratch();
      codec<timestamp>::encode(s.end, bytes);
      codec<V>::encode(s.value, bytes);
      out.put_map(part, key_bytes, bytes);
    }
  }
  template <class In>
  bool load(std::size_t part, In& in) {
    in.scan(part, [&](std::string_view key_bytes, std::string_view bytes) {
      auto const at = entries.try_emplace(decode_key<K>(key_bytes)).first;
      byte_reader from(bytes, &codec<V>::schema);
      codec<timestamp>::decode(from, at->second.end);
      codec<V>::decode(from, at->second.value);
      from.finish();
      file(at);
    });
    return !entries.empty();
  }
};

}  // namespace weir::detail
