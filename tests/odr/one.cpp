// One of two files that include all of weir and are linked: what a header defines is inline.
#include "pipeline.hpp"

std::size_t windows_in_two();

int main() {
  std::size_t const here = odr_windows({{1, 1, weir::from_ticks(1)}, {2, 1, weir::from_ticks(2)}});
  return here == 2 && windows_in_two() == 1 ? 0 : 1;
}
