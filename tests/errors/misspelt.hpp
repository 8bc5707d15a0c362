// Windows with a column "count", and its name, which is misspelt in the bad build. As payments.hpp it comes behind weir.hpp.
#pragma once

#include "payments.hpp"

inline auto const count_windows = keyed | tumbling | weir::aggregate(weir::count());

using namespace weir::literals;
#ifdef WEIR_BAD
inline constexpr auto misspelt = "cuont"_c;
#else
inline constexpr auto misspelt = "count"_c;
#endif
