#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/bound_to.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/evolution.hpp>
#include <weir/state/expiring_map.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/layered_map.hpp>
#include <weir/state/ttl.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// A map for each key, in the order of its own keys; each entry is stored by itself. See also: Flink, MapState
// Cost: under lmdb_store get, s[k], put, contains and remove are for one entry, whatever the number of the others: what is not
// in memory is read when it is asked for, and a checkpoint writes the entries that were asked for or changed since the last one.
// clear writes one deletion. begin, size and entries bring all of the key's entries into memory, empty() does not; what
// begin gives is written at the next checkpoint where it differs. entries() is the map itself, which is then written whole.
// Two Ks of which none is less than the other must be equal: the same bytes of key_codec<K>.
template <class K, class V, fixed_string Name, detail::ttl_option Ttl = no_ttl>
class map_state {
 public:
  using stored = std::map<K, V, std::less<>>;
  using layered = detail::layered_map<K, V>;  // where the store is durable
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::mapping;
  static constexpr bool storable = storable_key<K> && has_codec<V>;

  // The value of k, or nullptr.
  template <class L>
  V* get(L const& k) const {
    stored& s = *at_;
    auto const at = s.find(k);
    if (at != s.end()) return &at->second;
    return rest_ == nullptr ? nullptr : bring(k);
  }
  V& operator[](K const& k) const {
    if (rest_ != nullptr)
      if (V* const value = get(k)) return *value;
    return (*at_)[k];
  }
  template <class U>
  void put(K const& k, U&& value) const {
    at_->insert_or_assign(k, std::forward<U>(value));
  }
  template <class L>
  bool contains(L const& k) const {
    return at_->contains(k) || (rest_ != nullptr && rest_has(k));
  }
  // Whether there was one.
  bool remove(K const& k) const {
    if (rest_ == nullptr) return at_->erase(k) > 0;
    auto const taken = at_->extract(k);  // k may be its key
    return taken ? rest_->hide(taken.key(), true) : rest_->hide(k, false);
  }
  void clear() const {
    at_->clear();
    if (rest_ != nullptr) rest_->forget();
  }
  bool empty() const { return at_->empty() && (rest_ == nullptr || rest_->nothing_left()); }
  std::size_t size() const { return all().size(); }
  stored& entries() const {
    stored& s = all();
    if (rest_ != nullptr) rest_->forget();
    return s;
  }
  auto begin() const { return all().begin(); }
  auto end() const { return all().end(); }

  void bind(stored& s) { at_ = &s; }
  void bind(layered& s) {
    auto& own = s.own();
    at_ = &own.present;
    rest_ = own.has_rest() ? &own : nullptr;
  }
  static bool is_empty(stored const& s) { return s.empty(); }
  static bool is_empty(layered const& s) { return s.empty(); }
  static std::string schema() { return key_codec<K>::schema() + " to " + codec<V>::schema(); }
  static detail::evolution_facts facts() { return detail::facts_of<V>(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out) {
    out.replace_map(part);
    detail::put_entries(s, part, out, [](K const&, std::string const&) { return true; });
  }
  template <class Out>
  static void save(layered const& s, std::size_t part, Out& out) {
    s.save(part, out);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    in.scan(part, [&](std::string_view key_bytes, std::string_view bytes) {
      decode(bytes, s[decode_key<K>(key_bytes)]);
    });
    return !s.empty();
  }
  template <class In>
  static bool load(layered& s, std::size_t part, In& in) {
    return s.load(part, in);
  }

 private:
  stored& all() const {
    if (rest_ != nullptr) rest_->bring_all();
    return *at_;
  }
  // f(k as a K) where it is one, and otherwise all is brought: then what k is like is at hand or nowhere.
  template <class L, class F>
  bool ask(L const& k, F f) const {
    if constexpr (std::same_as<L, K>) {
      f(k);
      return true;
    } else if constexpr (std::constructible_from<K, L const&>) {
      auto const key = static_cast<K>(k);
      if (!at_->key_comp()(key, k) && !at_->key_comp()(k, key)) {
        f(key);
        return true;
      }
    }
    rest_->bring_all();
    return false;
  }
  template <class L>
  WEIR_NOINLINE V* bring(L const& k) const {
    V* found = nullptr;
    if (ask(k, [&](K const& key) { found = rest_->bring(key); })) return found;
    auto const at = at_->find(k);
    return at == at_->end() ? nullptr : &at->second;
  }
  template <class L>
  WEIR_NOINLINE bool rest_has(L const& k) const {
    bool found = false;
    return ask(k, [&](K const& key) { found = rest_->knows(key); }) ? found : at_->contains(k);
  }

  detail::bound_to<stored, Name> at_;
  detail::map_rest<K, V>* rest_ = nullptr;  // for what is not at hand
};

// With a ttl each entry lives for itself. put and s[k] write; get, contains and coming to an entry on the way from begin() to
// end() read; empty() and size() read nothing. Entries are changed by put and s[k] only.
// Cost: the first use of a key brings all of its entries into memory, and a checkpoint writes all of them again.
template <class K, class V, fixed_string Name, detail::ttl_policy Ttl>
class map_state<K, V, Name, Ttl> : public detail::expiring<Ttl> {
  using base = detail::expiring<Ttl>;

 public:
  using stored = detail::expiring_map<K, V>;
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::mapping;
  static constexpr bool storable = storable_key<K> && has_codec<V>;

  class iterator {
    using inner = typename stored::entry_map::iterator;

   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::pair<K const&, V const&>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    iterator(map_state const& all, inner at) : all_(&all), at_(at) { skip(); }
    value_type operator*() const {
      all_->read(at_->second.end);
      return {at_->first, at_->second.value};
    }
    iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(iterator const& a, iterator const& b) { return a.at_ == b.at_; }

   private:
    void skip() {
      while (at_ != all_->at_->entries.end() && !all_->shows(at_->second.end)) ++at_;
    }
    map_state const* all_;
    inner at_;
  };

  using base::base;

  // The value of k, or nullptr.
  template <class L>
  V const* get(L const& k) const {
    auto const at = at_->entries.find(k);
    if (at == at_->entries.end() || !this->shows(at->second.end)) return nullptr;
    this->meet();
    this->read(at->second.end);
    return &at->second.value;
  }
  V& operator[](K const& k) const {
    auto const at = at_->entries.try_emplace(k).first;
    if (at->second.filed != max_time && !this->shows(at->second.end)) at->second.value = V{};
    this->written(at->second.end);
    at_->file(at);
    return at->second.value;
  }
  template <class U>
  void put(K const& k, U&& value) const {
    (*this)[k] = std::forward<U>(value);
  }
  template <class L>
  bool contains(L const& k) const {
    return get(k) != nullptr;
  }
  // Whether there was one.
  bool remove(K const& k) const {
    auto const at = at_->entries.find(k);
    if (at == at_->entries.end()) return false;
    bool const shown = this->shows(at->second.end);
    at_->erase(at);
    return shown;
  }
  void clear() const { at_->clear(); }
  bool empty() const { return iterator(*this, at_->entries.begin()) == end(); }
  std::size_t size() const {
    std::size_t n = 0;
    for (auto const& e : at_->entries) n += this->shows(e.second.end);
    return n;
  }
  iterator begin() const {
    this->meet();
    return iterator(*this, at_->entries.begin());
  }
  iterator end() const { return iterator(*this, at_->entries.end()); }

  void bind(stored& s, detail::moment m) {
    this->open_call(m);
    at_ = &s;
    s.drop_expired(this->hidden_until());
  }
  void settle(stored& s) const {
    if (this->met()) s.drop_expired(this->now());
  }
  static void purge(stored& s, timestamp now) { s.drop_expired(now); }
  static timestamp due(stored const& s) { return s.due(); }
  static timestamp first_end(stored const& s) { return s.first_end(); }
  static bool is_empty(stored const& s) { return s.entries.empty(); }
  static bool expired(stored const& s, timestamp now) { return s.expired(now); }
  static std::string schema() {
    return key_codec<K>::schema() + " to " + detail::ttl_schema<Ttl>(codec<V>::schema());
  }
  static detail::evolution_facts facts() { return detail::facts_of<std::pair<timestamp, V>>(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out, timestamp now) {
    s.save(part, out, now);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    return s.load(part, in);
  }

 private:
  detail::bound_to<stored, Name> at_;
};

}  // namespace weir
