// broadcast_state: a map that is the same for all keys, which the records of a second input change.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

template <class K>
concept has_an_order = requires(K const& a) {
  { a < a } -> std::convertible_to<bool>;
};
// In the place of an order that is missing, which broadcast_state says in one error.
struct missing_order {
  template <class A, class B>
  bool operator()(A const&, B const&) const {
    return false;
  }
};

// All entries, and the keys of those that have been written since the store was told.
template <class K, class V>
struct broadcast_entries {
  std::map<K, V, std::conditional_t<has_an_order<K>, std::less<>, missing_order>> all;
  std::vector<K> written;
};

}  // namespace detail

// A map in the order of its keys, held whole in memory; what has changed is saved entry by entry. It can be written in
// on_broadcast only: the other functions of broadcast(rules, f) are const. A copy of it shows the same, and throws where it is
// written. See also: broadcast; Flink, broadcast state
template <class K, class V, fixed_string Name>
class broadcast_state {
  template <class>
  static constexpr bool is_written_in_on_broadcast = false;
  static constexpr bool the_keys_have_an_order = detail::has_an_order<K>;
  static_assert(the_keys_have_an_order,
                "weir::broadcast_state<K, V, name>: K has no operator<, and the map is in the order of its "
                "keys; give it one");
  static constexpr bool the_values_can_be_copied = std::is_copy_constructible_v<V>;
  static_assert(the_values_can_be_copied, "weir::broadcast_state<K, V, name>: V cannot be copied");

 public:
  using stored = detail::broadcast_entries<K, V>;
  using key_type = K;
  using mapped_type = V;
  static constexpr auto name = Name;
  static constexpr bool of_broadcast = true;
  static constexpr bool storable = storable_key<K> && has_codec<V>;

  constexpr broadcast_state() = default;
  // Not with the right to write: on_record could make a copy, which is not const.
  constexpr broadcast_state(broadcast_state const& other) : shown_(other.shown_) {}
  constexpr broadcast_state& operator=(broadcast_state const& other) {
    shown_ = other.shown_;
    to_ = nullptr;
    return *this;
  }

  // The value of k, or nullptr.
  template <class L>
  V const* get(L const& k) const {
    auto const at = shown_->all.find(k);
    return at == shown_->all.end() ? nullptr : &at->second;
  }
  template <class L>
  bool contains(L const& k) const {
    return shown_->all.contains(k);
  }
  bool empty() const { return shown_->all.empty(); }
  std::size_t size() const { return shown_->all.size(); }
  auto begin() const { return shown_->all.cbegin(); }
  auto end() const { return shown_->all.cend(); }

  template <class L, class U>
  void put(L&& k, U&& value) {
    K key(std::forward<L>(k));
    stored& s = writable();
    s.written.push_back(key);
    s.all.insert_or_assign(std::move(key), std::forward<U>(value));
  }
  // Whether there was one.
  template <class L>
  bool remove(L const& k) {
    stored& s = writable();
    auto const at = s.all.find(k);
    if (at == s.all.end()) return false;
    s.written.push_back(at->first);
    s.all.erase(at);
    return true;
  }
  void clear() {
    stored& s = writable();
    for (auto const& entry : s.all) s.written.push_back(entry.first);
    s.all.clear();
  }

  template <class L, class U>
  void put(L const&, U const&) const {
    static_assert(
        is_written_in_on_broadcast<L>,
        "weir::broadcast(rules, f): a broadcast_state is read-only but in on_broadcast; write it there");
  }
  template <class L>
  bool remove(L const&) const {
    static_assert(
        is_written_in_on_broadcast<L>,
        "weir::broadcast(rules, f): a broadcast_state is read-only but in on_broadcast; write it there");
    return false;
  }
  template <class L = K>
  void clear() const {
    static_assert(
        is_written_in_on_broadcast<L>,
        "weir::broadcast(rules, f): a broadcast_state is read-only but in on_broadcast; write it there");
  }

  void bind(stored& s) { shown_ = to_ = &s; }

 private:
  stored& writable() const {
    if (to_ == nullptr)
      throw error("weir::broadcast(rules, f): broadcast_state \"" + std::string(Name.view()) +
                  "\" is a copy, or not among states() of f; write the one that f declares, in on_broadcast");
    return *to_;
  }
  stored const* shown_ = nullptr;
  stored* to_ = nullptr;
};

}  // namespace weir
