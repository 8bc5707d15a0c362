// layered_map: one key's map in a layer of a table that stands before a store. It has what was asked for or changed since the
// layer began; the rest stays in the layer below, which is on its way to the store or a cache of it, and in the store.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/map_rows.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

template <class K, class V, class Out>
void put_entries(std::map<K, V, std::less<>> const& entries, std::size_t part, Out& out) {
  std::string key_bytes;
  for (auto const& [k, v] : entries) {
    key_bytes.clear();
    encode_key(k, key_bytes);
    std::string& bytes = out.scratch();
    codec<V>::encode(v, bytes);
    out.put_map(part, key_bytes, bytes);
  }
}

// Whom a map_state asks for an entry that is not at hand. A map in memory has no such one, and needs no codecs.
template <class K, class V>
class map_rest {
 public:
  // The entry, which is at hand from now on, or nullptr. Only for a key that is not.
  virtual V* bring(K const&) = 0;
  // Whether it has the key. Only for one that is not at hand.
  virtual bool knows(K const&) = 0;
  // The key is there no more; it is not at hand now, and was or not. Whether it was there at all.
  virtual bool hide(K const&, bool was_at_hand) = 0;
  virtual void bring_all() = 0;
  // Whether it has no entry. Only where none is at hand.
  virtual bool nothing_left() const = 0;
  // Nothing of it counts any more.
  virtual void forget() = 0;

 protected:
  ~map_rest() = default;
};

// When its layer is frozen, `present`, `removed` and `replaces` are read by the thread that writes them, beside the records.
template <class K, class V>
class map_layer final : public map_rest<K, V> {
  enum class rest : std::uint8_t {
    nothing,  // below is nothing, or nothing that counts
    known,    // all that is below is at hand or removed
    open
  };

 public:
  std::map<K, V, std::less<>> present;  // at hand: to be written
  std::set<K, std::less<>> removed;     // to be erased

  // Over nothing, whatever the store has for the key.
  map_layer() = default;
  // Over what the store has.
  explicit map_layer(map_place place) : replaces_(false), place_(std::move(place)) {
    scan_rows(place_.prefix, [&](std::string_view, std::string_view) {
      rest_ = rest::open;
      return false;
    });
  }
  // Over an older layer.
  map_layer(std::shared_ptr<map_layer const> const& older, map_place place)
      : replaces_(false),
        rest_(older->present.empty() && older->nothing_left() ? rest::nothing : rest::open),
        below_(older),
        place_(std::move(place)) {}

  bool has_rest() const { return rest_ != rest::nothing; }
  // Asks nobody: `false` says nothing.
  bool surely_empty() const { return present.empty() && rest_ != rest::open; }

  V* bring(K const& k) override {
    if (rest_ != rest::open || removed.contains(k)) return nullptr;
    if (auto const below = below_.lock()) {
      if (auto const at = below->present.find(k); at != below->present.end())
        return &present.try_emplace(k, at->second).first->second;
      if (below->says_no(k)) return nullptr;
    }
    auto const bytes = row(k);
    if (!bytes) return nullptr;
    V value{};
    decode(*bytes, value);
    return &present.try_emplace(k, std::move(value)).first->second;
  }
  bool knows(K const& k) override {
    if (rest_ != rest::open || removed.contains(k)) return false;
    if (auto const below = below_.lock()) {
      if (below->present.contains(k)) return true;
      if (below->says_no(k)) return false;
    }
    return row(k).has_value();
  }
  bool hide(K const& k, bool was_at_hand) override {
    if (rest_ == rest::nothing) return was_at_hand;
    if (!was_at_hand && !knows(k)) return false;
    removed.insert(k);
    return true;
  }
  void bring_all() override {
    if (rest_ != rest::open) return;
    auto const below = below_.lock();
    if (below)
      for (auto const& [k, v] : below->present)
        if (!removed.contains(k)) present.try_emplace(present.end(), k, v);
    if (!below || below->rest_ == rest::open)
      scan_rows(place_.prefix, [&](std::string_view key_bytes, std::string_view bytes) {
        ++place_.rows->entries_read;
        K k = decode_key<K>(key_bytes);
        if (removed.contains(k) || (below && below->removed.contains(k))) return true;
        auto const [at, fresh] = try_at_end(std::move(k));
        if (!fresh) return true;
        try {
          decode(bytes, at->second);
        } catch (...) {
          present.erase(at);
          throw;
        }
        return true;
      });
    rest_ = rest::known;
  }
  bool nothing_left() const override {
    if (rest_ != rest::open || nothing_left_) return true;
    if (removed.empty()) return false;  // a layer begins `open` over something
    auto const below = below_.lock();
    if (below && some_left(*below)) return false;
    if (!below || below->rest_ == rest::open) {
      bool some = false;
      std::string const first = left_row_.empty() ? place_.prefix : left_row_;
      scan_rows(first, [&](std::string_view key_bytes, std::string_view) {
        ++place_.rows->entries_read;
        K const k = decode_key<K>(key_bytes);
        if (removed.contains(k) || (below && below->removed.contains(k))) return true;
        left_row_.assign(place_.prefix).append(key_bytes);
        some = true;
        return false;
      });
      if (some) return false;
    }
    return nothing_left_ = true;
  }
  void forget() override {
    removed.clear();
    rest_ = rest::nothing;
    replaces_ = true;
  }

  template <class Out>
  void save(std::size_t part, Out& out) const {
    if (replaces_) out.replace_map(part);
    std::string key_bytes;
    for (K const& k : removed) {
      if (present.contains(k)) continue;
      key_bytes.clear();
      encode_key(k, key_bytes);
      out.erase_map(part, key_bytes);
    }
    put_entries(present, part, out);
  }

 private:
  bool says_no(K const& k) const { return rest_ != rest::open || removed.contains(k); }

  // What comes in order is added fast.
  auto try_at_end(K&& k) {
    std::size_t const before = present.size();
    auto const at = present.try_emplace(present.end(), std::move(k));
    return std::pair(at, present.size() != before);
  }
  std::optional<std::string_view> row(K const& k) const {
    std::string whole_key = place_.prefix;
    encode_key(k, whole_key);
    auto const bytes = place_.rows->get(whole_key);
    place_.rows->entries_read += bytes.has_value();
    return bytes;
  }
  // f(bytes of the entry's key, payload) until it returns false.
  template <class F>
  void scan_rows(std::string_view first, F f) const {
    place_.rows->scan(first, place_.prefix, [&](std::string_view whole_key, std::string_view payload) {
      return f(whole_key.substr(place_.prefix.size()), payload);
    });
  }
  // What has been removed stays so while none is at hand: each look goes on where the last one found something.
  bool some_left(map_layer const& below) const {
    auto at = left_ ? below.present.lower_bound(*left_) : below.present.begin();
    while (at != below.present.end() && removed.contains(at->first)) ++at;
    if (at == below.present.end()) return false;
    left_ = at->first;
    return true;
  }

  bool replaces_ = true;  // all that the store has for the key goes first
  rest rest_ = rest::nothing;
  mutable bool nothing_left_ = false;
  std::weak_ptr<map_layer const> below_;  // when it is gone, the store has what it said
  map_place place_;
  mutable std::optional<K> left_;  // in the layer below
  mutable std::string left_row_;
};

// A copy shows the same and can be changed by itself.
template <class K, class V>
class layered_map {
 public:
  // To be changed.
  map_layer<K, V>& own() {
    if (!own_)
      own_ = std::make_shared<map_layer<K, V>>();
    else if (own_.use_count() > 1) [[unlikely]]
      own_ = std::make_shared<map_layer<K, V>>(*own_);
    return *own_;
  }
  // It is a copy of what a layer below has, and becomes the new one over that.
  void rebase(map_place place) {
    own_ =
        own_ ? std::make_shared<map_layer<K, V>>(own_, std::move(place)) : std::make_shared<map_layer<K, V>>();
  }
  void bring_all() { own().bring_all(); }

  bool empty() const { return !own_ || (own_->present.empty() && own_->nothing_left()); }
  // Never true where there is an entry. For any thread.
  bool surely_empty() const { return !own_ || own_->surely_empty(); }

  template <class Out>
  void save(std::size_t part, Out& out) const {
    if (own_)
      own_->save(part, out);
    else
      out.replace_map(part);
  }
  bool load(map_place place) {
    own_ = std::make_shared<map_layer<K, V>>(std::move(place));
    return own_->has_rest();
  }

 private:
  std::shared_ptr<map_layer<K, V>> own_;
};

}  // namespace weir::detail
