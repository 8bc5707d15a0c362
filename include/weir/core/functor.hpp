// functor: a user's function inside a kernel.
#pragma once

#include <weir/config.hpp>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {

// Kernels are assigned, and closures are not assignable: hence this box. A small trivial function lives in the kernel by
// value, so that what it captured can stay in registers; a large or owning one is pointed to, so that opening a kernel
// for a batch copies nothing.
template <class F, bool ByValue = std::is_trivially_copyable_v<F> && sizeof(F) <= 32>
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

}  // namespace weir
