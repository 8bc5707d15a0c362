// broadcast_state: a map that is the same for all keys, which the records of a second input change.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
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
// on_broadcast only: the other functions of broadcast(rules, f) are const. See also: broadcast; Flink, broadcast state
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

  // The value of k, or nullptr.
  template <class L>
  V const* get(L const& k) const {
    auto const at = at_->all.find(k);
    return at == at_->all.end() ? nullptr : &at->second;
  }
  template <class L>
  bool contains(L const& k) const {
    return at_->all.contains(k);
  }
  bool empty() const { return at_->all.empty(); }
  std::size_t size() const { return at_->all.size(); }
  auto begin() const { return at_->all.cbegin(); }
  auto end() const { return at_->all.cend(); }

  template <class L, class U>
  void put(L&& k, U&& value) {
    K key(std::forward<L>(k));
    at_->written.push_back(key);
    at_->all.insert_or_assign(std::move(key), std::forward<U>(value));
  }
  // Whether there was one.
  template <class L>
  bool remove(L const& k) {
    auto const at = at_->all.find(k);
    if (at == at_->all.end()) return false;
    at_->written.push_back(at->first);
    at_->all.erase(at);
    return true;
  }
  void clear() {
    for (auto const& entry : at_->all) at_->written.push_back(entry.first);
    at_->all.clear();
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

  void bind(stored& s) { at_ = &s; }

 private:
  stored* at_ = nullptr;
};

}  // namespace weir
