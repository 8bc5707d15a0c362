#include "pipeline.hpp"

std::size_t windows_in_two();

std::size_t windows_in_two() { return odr_windows({{1, 1, weir::from_ticks(1)}}); }
