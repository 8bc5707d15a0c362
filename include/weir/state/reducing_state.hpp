#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/single_state.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir {

// For each key what F makes of all that was added: F(value, value) gives a value. F is as in reduce; one that is not
// made by F{} is given to the handle: sum{f}, with a ttl sum{ttl{...}, f}. With a ttl add writes and all else but clear
// reads. See also: Flink, ReducingState
template <class T, class F, fixed_string Name, detail::ttl_option Ttl = no_ttl>
class reducing_state : public detail::single_state<T, Name, Ttl> {
  using base = detail::single_state<T, Name, Ttl>;
  static constexpr bool f_makes_one_value_of_two = std::is_invocable_r_v<T, F const&, T, T const&>;
  static_assert(f_makes_one_value_of_two, "weir::reducing_state<T, F, name>: F(T, T) gives no T");

 public:
  static constexpr auto name = Name;
  static constexpr bool storable = has_codec<T>;

  reducing_state() = default;
  explicit reducing_state(F f)
    requires(!detail::ttl_policy<Ttl>)
      : f_(std::move(f)) {}
  explicit reducing_state(Ttl const& t, F f = F{})
    requires detail::ttl_policy<Ttl>
      : base(t), f_(std::move(f)) {}

  template <class U>
  void add(U&& value) const {
    std::optional<T>& all = this->change();
    if (all)
      *all = std::invoke(f_, std::move(*all), T(std::forward<U>(value)));
    else
      all.emplace(std::forward<U>(value));
  }
  // What has been made of all of them, or nothing.
  std::optional<T> get() const {
    auto* const all = this->look();
    return all ? std::optional<T>(*all) : std::nullopt;
  }
  bool has_value() const { return this->look() != nullptr; }
  explicit operator bool() const { return has_value(); }
  void clear() const { this->wipe(); }

 private:
  F f_{};
};

}  // namespace weir
