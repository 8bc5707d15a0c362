// bound_to: where what a state handle stands for is kept.
#pragma once

#include <weir/config.hpp>
#include <weir/core/fixed_string.hpp>
#include <weir/error.hpp>

#include <string>
#include <string_view>

namespace weir::detail {

[[noreturn]] WEIR_NOINLINE inline void throw_unbound(std::string_view name) {
  throw error("weir: the state handle \"" + std::string(name) +
              "\" is of no key here; give it in states() or window_states() of the function that has it, and "
              "use it in its calls only");
}

// A pointer that is null until the handle is bound.
template <class Stored, fixed_string Name>
class bound_to {
 public:
  WEIR_INLINE void operator=(Stored* at) { at_ = at; }
  WEIR_INLINE Stored& operator*() const {
    if (at_ == nullptr) [[unlikely]]
      throw_unbound(Name.view());
    return *at_;
  }
  WEIR_INLINE Stored* operator->() const { return &**this; }

 private:
  Stored* at_ = nullptr;
};

}  // namespace weir::detail
