// A sink with failed_to whose side output is consumed, and in the bad build is not.
#pragma once

#include "payments.hpp"

inline auto const refusing = weir::into([](auto const&) {}, weir::failed_to<"bad">);
#ifdef WEIR_BAD
inline auto const consumed = refusing;
#else
inline auto const consumed = refusing | weir::discard<"bad">;
#endif
