// emitted: what emit(value) of a user's function gives to the stages behind.
#pragma once

#include <weir/config.hpp>
#include <weir/error.hpp>

#include <concepts>
#include <utility>

namespace weir::detail {

// A wrong value has been refused where the function stands in the pipe.
template <class Output, class T>
WEIR_INLINE constexpr Output emitted(T&& value) {
  if constexpr (std::constructible_from<Output, T>)
    return Output(std::forward<T>(value));
  else
    throw error("weir: emit(value): the value is not what the function says that it gives");
}

}  // namespace weir::detail
