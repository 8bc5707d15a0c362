#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/single_state.hpp>

#include <type_traits>
#include <utility>

namespace weir {

// One value for each key, or none. With a ttl the value is changed by get() and update() only, which count as writing;
// all else is reading. See also: Flink, ValueState
template <class T, fixed_string Name, detail::ttl_option Ttl = no_ttl>
class value_state : public detail::single_state<T, Name, Ttl> {
 public:
  using shown = std::conditional_t<detail::ttl_policy<Ttl>, T const, T>;
  static constexpr auto name = Name;
  static constexpr bool storable = has_codec<T>;

  using detail::single_state<T, Name, Ttl>::single_state;

  bool has_value() const { return this->look() != nullptr; }
  explicit operator bool() const { return has_value(); }
  // The value; there must be one.
  shown& operator*() const { return *this->look(); }
  shown* operator->() const { return this->look(); }
  template <class U>
  T value_or(U&& otherwise) const {
    shown* const value = this->look();
    return value ? *value : static_cast<T>(std::forward<U>(otherwise));
  }
  // The value, made by T{} where there is none.
  T& get() const {
    auto& value = this->change();
    return value ? *value : value.emplace();
  }
  template <class U>
  void update(U&& value) const {
    this->change() = std::forward<U>(value);
  }
  void clear() const { this->wipe(); }
};

}  // namespace weir
