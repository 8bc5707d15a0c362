// State handles: the members of a process function through which it reaches what is kept for the key at hand. Each is a
// view: the run binds it to the key's value before every call, so a handle means nothing outside on_record and on_timer.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/key_codec.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {

// One value for each key, or none. See also: Flink, ValueState
template <class T, fixed_string Name>
class value_state {
 public:
  using stored = std::optional<T>;
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::value;
  static constexpr bool storable = has_codec<T>;

  bool has_value() const { return at_->has_value(); }
  explicit operator bool() const { return has_value(); }
  // The value; there must be one.
  T& operator*() const { return **at_; }
  T* operator->() const { return &**at_; }
  template <class U>
  T value_or(U&& otherwise) const {
    return at_->value_or(std::forward<U>(otherwise));
  }
  // The value, made by T{} where there is none.
  T& get() const { return *at_ ? **at_ : at_->emplace(); }
  template <class U>
  void update(U&& value) const {
    *at_ = std::forward<U>(value);
  }
  void clear() const { at_->reset(); }

  void bind(stored& s) { at_ = &s; }
  static bool is_empty(stored const& s) { return !s.has_value(); }
  static std::string schema() { return codec<T>::schema(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out) {
    if (!s) return out.erase(part);
    std::string& bytes = out.scratch();
    codec<T>::encode(*s, bytes);
    out.put(part, bytes);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (bytes) decode(*bytes, s.emplace());
    return bytes.has_value();
  }

 private:
  stored* at_ = nullptr;
};

// A list for each key, in the order of adding. See also: Flink, ListState
template <class T, fixed_string Name>
class list_state {
 public:
  using stored = std::vector<T>;
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::list;
  static constexpr bool storable = has_codec<T>;

  template <class U>
  void add(U&& value) const {
    at_->push_back(std::forward<U>(value));
  }
  stored& get() const { return *at_; }
  void update(stored all) const { *at_ = std::move(all); }
  void clear() const { at_->clear(); }
  bool empty() const { return at_->empty(); }
  std::size_t size() const { return at_->size(); }
  auto begin() const { return at_->begin(); }
  auto end() const { return at_->end(); }

  void bind(stored& s) { at_ = &s; }
  static bool is_empty(stored const& s) { return s.empty(); }
  static std::string schema() { return codec<T>::schema(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out) {
    if (s.empty()) return out.erase(part);
    std::string& bytes = out.scratch();
    codec<stored>::encode(s, bytes);
    out.put(part, bytes);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (bytes) decode(*bytes, s);
    return bytes.has_value();
  }

 private:
  stored* at_ = nullptr;
};

// A map for each key, in the order of its own keys; each entry is stored by itself. See also: Flink, MapState
template <class K, class V, fixed_string Name>
class map_state {
 public:
  using stored = std::map<K, V, std::less<>>;
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::mapping;
  static constexpr bool storable = storable_key<K> && has_codec<V>;

  // The value of k, or nullptr.
  template <class L>
  V* get(L const& k) const {
    auto const at = at_->find(k);
    return at == at_->end() ? nullptr : &at->second;
  }
  V& operator[](K const& k) const { return (*at_)[k]; }
  template <class U>
  void put(K const& k, U&& value) const {
    at_->insert_or_assign(k, std::forward<U>(value));
  }
  template <class L>
  bool contains(L const& k) const {
    return at_->contains(k);
  }
  // Whether there was one.
  bool remove(K const& k) const { return at_->erase(k) > 0; }
  void clear() const { at_->clear(); }
  bool empty() const { return at_->empty(); }
  std::size_t size() const { return at_->size(); }
  stored& entries() const { return *at_; }
  auto begin() const { return at_->begin(); }
  auto end() const { return at_->end(); }

  void bind(stored& s) { at_ = &s; }
  static bool is_empty(stored const& s) { return s.empty(); }
  static std::string schema() { return key_codec<K>::schema() + " to " + codec<V>::schema(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out) {
    out.replace_map(part);
    std::string key_bytes;
    for (auto const& [k, v] : s) {
      key_bytes.clear();
      encode_key(k, key_bytes);
      std::string& bytes = out.scratch();
      codec<V>::encode(v, bytes);
      out.put_map(part, key_bytes, bytes);
    }
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    in.scan(part, [&](std::string_view key_bytes, std::string_view bytes) {
      decode(bytes, s[decode_key<K>(key_bytes)]);
    });
    return !s.empty();
  }

 private:
  stored* at_ = nullptr;
};

}  // namespace weir
