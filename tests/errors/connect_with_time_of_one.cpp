// expect: weir::connect(second, f): one stream has event time and the other has none; put assign_timestamps(f, strategy) into both, or into neither
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = weir::from(orders) | weir::key_by(&order::user);
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | weir::connect<"pairs">(second, pairs{}) | weir::into(count));
}
