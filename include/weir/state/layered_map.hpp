// layered_map: one key's map in a layer of a table that stands before a store. It has what was asked for or changed since the
// layer began; the rest stays in the layer below, which is on its way to the store or a cache of it, and in the store.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/map_rows.hpp>

#include <array>
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

// Those of which wanted(key, bytes) says so.
template <class K, class V, class Out, class Wanted>
void put_entries(std::map<K, V, std::less<>> const& entries, std::size_t part, Out& out, Wanted wanted) {
  std::string key_bytes;
  for (auto const& [k, v] : entries) {
    std::string& bytes = out.scratch();
    codec<V>::encode(v, bytes);
    if (!wanted(k, bytes)) continue;
    key_bytes.clear();
    encode_key(k, key_bytes);
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
  // What copying all takes no longer than asking for one.
  static constexpr std::size_t small = 16;
  // Apart: where all is at hand hardly anybody comes here.
  struct hidden {
    std::weak_ptr<map_layer const> below{};  // when it is gone, the store has what it said
    map_place place{};
    std::set<K, std::less<>> removed{};  // to be erased
    // Where the last look whether anything is left found something: what has been removed stays so while none is at hand.
    mutable std::optional<K> left{};
    mutable std::string left_row{};
    mutable bool nothing_left = false;
  };

 public:
  std::map<K, V, std::less<>> present;  // at hand: to be written

  // Over nothing, whatever the store has for the key.
  map_layer() = default;
  // Over what the store has.
  explicit map_layer(map_place place) : replaces_(false) {
    std::array<std::pair<std::string_view, std::string_view>, small> rows;
    std::size_t n = 0;
    place.rows->scan(place.prefix, place.prefix, [&](std::string_view whole_key, std::string_view payload) {
      if (n < small) rows[n] = {whole_key.substr(place.prefix.size()), payload};
      return ++n <= small;
    });
    if (n > small) open({.below = {}, .place = std::move(place)});
    if (n > small || n == 0) return;
    place.rows->entries_read += n;
    for (std::size_t i = 0; i < n; ++i)
      decode(rows[i].second, try_at_end(decode_key<K>(rows[i].first)).first->second);
    rest_ = rest::known;
  }
  // Over an older layer. place(): where the store has the rest.
  template <class Place>
  map_layer(std::shared_ptr<map_layer const> const& older, Place place) : replaces_(false) {
    if (older->present.size() <= small && older->rest_ != rest::open) {
      present = older->present;
      rest_ = present.empty() ? rest::nothing : rest::known;
      copied_ = older;
    } else if (!older->present.empty() || !older->nothing_left()) {
      open({.below = older, .place = place()});
    }
  }
  map_layer(map_layer const& other)
      : present(other.present),
        rest_(other.rest_),
        replaces_(other.replaces_),
        hidden_(other.hidden_ ? std::make_unique<hidden>(*other.hidden_) : nullptr) {}
  map_layer& operator=(map_layer const&) = delete;

  // Where all of a small map is at hand.
  bool is_small() const { return rest_ == rest::known; }
  // A save writes what is at hand, changed or not.
  void save_all() { copied_.reset(); }
  bool has_rest() const { return rest_ != rest::nothing; }
  // Asks nobody: `false` says nothing.
  bool surely_empty() const { return present.empty() && rest_ != rest::open; }

  V* bring(K const& k) override {
    if (says_no(k)) return nullptr;
    if (auto const below = hidden_->below.lock()) {
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
    if (says_no(k)) return false;
    if (auto const below = hidden_->below.lock()) {
      if (below->present.contains(k)) return true;
      if (below->says_no(k)) return false;
    }
    return row(k).has_value();
  }
  bool hide(K const& k, bool was_at_hand) override {
    if (rest_ == rest::nothing) return was_at_hand;
    if (!was_at_hand && !knows(k)) return false;
    if (!hidden_) hidden_ = std::make_unique<hidden>();
    hidden_->removed.insert(k);
    return true;
  }
  void bring_all() override {
    if (rest_ != rest::open) return;
    auto const below = hidden_->below.lock();
    if (below)
      for (auto const& [k, v] : below->present)
        if (!removed(k)) present.try_emplace(present.end(), k, v);
    if (!below || below->rest_ == rest::open)
      scan_rows(hidden_->place.prefix, [&](std::string_view key_bytes, std::string_view bytes) {
        K k = decode_key<K>(key_bytes);
        if (removed(k) || (below && below->removed(k))) return true;
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
    if (rest_ != rest::open || hidden_->nothing_left) return true;
    if (hidden_->removed.empty()) return false;  // a layer begins `open` over something
    auto const below = hidden_->below.lock();
    if (below && some_left(*below)) return false;
    if (!below || below->rest_ == rest::open) {
      bool some = false;
      std::string const first = hidden_->left_row.empty() ? hidden_->place.prefix : hidden_->left_row;
      scan_rows(first, [&](std::string_view key_bytes, std::string_view) {
        K const k = decode_key<K>(key_bytes);
        if (removed(k) || (below && below->removed(k))) return true;
        hidden_->left_row.assign(hidden_->place.prefix).append(key_bytes);
        some = true;
        return false;
      });
      if (some) return false;
    }
    return hidden_->nothing_left = true;
  }
  void forget() override {
    rest_ = rest::nothing;
    replaces_ = true;
    hidden_.reset();
    copied_.reset();
  }

  template <class Out>
  void save(std::size_t part, Out& out) const {
    if (replaces_) out.replace_map(part);
    if (hidden_) {
      std::string key_bytes;
      for (K const& k : hidden_->removed) {
        if (present.contains(k)) continue;
        key_bytes.clear();
        encode_key(k, key_bytes);
        out.erase_map(part, key_bytes);
      }
    }
    put_entries(present, part, out, [&, was = std::string()](K const& k, std::string const& bytes) mutable {
      if (!copied_) return true;
      auto const at = copied_->present.find(k);
      if (at == copied_->present.end()) return true;
      was.clear();
      codec<V>::encode(at->second, was);
      return was != bytes;
    });
    copied_.reset();  // it would keep what it was copied from itself
  }

 private:
  void open(hidden h) {
    rest_ = rest::open;
    hidden_ = std::make_unique<hidden>(std::move(h));
  }
  bool removed(K const& k) const { return hidden_ && hidden_->removed.contains(k); }
  // Of what is not at hand.
  bool says_no(K const& k) const { return rest_ != rest::open || hidden_->removed.contains(k); }

  // What comes in order is added fast.
  auto try_at_end(K&& k) {
    std::size_t const before = present.size();
    auto const at = present.try_emplace(present.end(), std::move(k));
    return std::pair(at, present.size() != before);
  }
  std::optional<std::string_view> row(K const& k) const {
    map_place const& place = hidden_->place;
    std::string whole_key = place.prefix;
    encode_key(k, whole_key);
    auto const bytes = place.rows->get(whole_key);
    place.rows->entries_read += bytes.has_value();
    return bytes;
  }
  // f(bytes of the entry's key, payload) until it returns false.
  template <class F>
  void scan_rows(std::string_view first, F f) const {
    map_place const& place = hidden_->place;
    place.rows->scan(first, place.prefix, [&](std::string_view whole_key, std::string_view payload) {
      ++place.rows->entries_read;
      return f(whole_key.substr(place.prefix.size()), payload);
    });
  }
  bool some_left(map_layer const& below) const {
    auto at = hidden_->left ? below.present.lower_bound(*hidden_->left) : below.present.begin();
    while (at != below.present.end() && removed(at->first)) ++at;
    if (at == below.present.end()) return false;
    hidden_->left = at->first;
    return true;
  }

  rest rest_ = rest::nothing;
  bool replaces_ = true;  // all that the store has for the key goes first
  std::unique_ptr<hidden> hidden_;
  // What is as it is there need not be written. Of a frozen layer it is for the thread that writes it.
  mutable std::shared_ptr<map_layer const> copied_;
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
  template <class In>
  void rebase(std::size_t part, In& in) {
    if (own_) own_ = std::make_shared<map_layer<K, V>>(own_, [&] { return in.place(part); });
  }
  // Then it is saved whole.
  void bring_all() { own().bring_all(), own().save_all(); }

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
  template <class In>
  bool load(std::size_t part, In& in) {
    own_ = std::make_shared<map_layer<K, V>>(in.place(part));
    if (own_->is_small()) rebase(part, in);
    return own_->has_rest();
  }

 private:
  std::shared_ptr<map_layer<K, V>> own_;
};

}  // namespace weir::detail
