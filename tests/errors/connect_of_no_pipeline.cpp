// expect: weir::connect(second, f): second is no open pipeline; begin it with from(source), without into
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = keyed_orders | weir::into(count);
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | weir::connect<"pairs">(second, pairs{}) | weir::into(count));
}
