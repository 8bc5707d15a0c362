// functor: a user's function inside a kernel.
#pragma once

#include <weir/config.hpp>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {

// Not std::is_trivially_copyable: for a closure g++ 12 answers that differently once somebody has asked whether it can be
// assigned, so that two files of one program would not agree on what a functor is.
template <class F>
inline constexpr bool lives_in_kernel =
    std::is_trivially_copy_constructible_v<F> && std::is_trivially_destructible_v<F> && sizeof(F) <= 32;

// Kernels are assigned, and closures are not assignable: hence this box. A small trivial function lives in the kernel by
// value, so that what it captured can stay in registers; a large or owning one is pointed to, so that opening a kernel
// for a batch copies nothing.
template <class F, bool ByValue = lives_in_kernel<F>>
class functor {
 public:
  constexpr functor(F const& f) : f_(f) {}
  constexpr functor(functor const&) = default;
  constexpr functor& operator=(functor const& other) {
    if (this != std::addressof(other)) std::construct_at(std::addressof(f_), other.f_);
    return *this;
  }

  template <class... Args>
  WEIR_INLINE constexpr decltype(auto) operator()(Args&&... args) const {
    return std::invoke(f_, std::forward<Args>(args)...);
  }
  constexpr F const& get() const { return f_; }

 private:
  F f_;
};

template <class F>
class functor<F, false> {
 public:
  constexpr functor(F const& f) : f_(std::addressof(f)) {}

  template <class... Args>
  WEIR_INLINE constexpr decltype(auto) operator()(Args&&... args) const {
    return std::invoke(*f_, std::forward<Args>(args)...);
  }
  constexpr F const& get() const { return *f_; }

 private:
  F const* f_;
};

namespace detail {

// f with a record as it comes. Where f takes T&& only and the record is another's to keep (of a container that is read,
// or of the next branch), f gets a copy.
template <class F, class V, class... More>
WEIR_INLINE constexpr decltype(auto) call_with(functor<F> const& f, V&& v, More&&... more) {
  if constexpr (std::is_invocable_v<F const&, V, More...>)
    return f(std::forward<V>(v), std::forward<More>(more)...);
  else
    return f(std::remove_cvref_t<V>(v), std::forward<More>(more)...);
}

// A record that is named is not given away: what stands behind may move only from what nobody holds.
template <class V>
WEIR_INLINE constexpr decltype(auto) hand_on(std::remove_reference_t<V>& v) {
  if constexpr (std::is_lvalue_reference_v<V>)
    return std::as_const(v);
  else
    return std::move(v);
}

}  // namespace detail

}  // namespace weir
