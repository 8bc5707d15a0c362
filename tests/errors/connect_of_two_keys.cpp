// expect: weir::connect(second, f): the keys of the two streams are of different types
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = orders_in_time | weir::key_by(&order::text);
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | weir::connect<"pairs">(second, pairs{}) | weir::into(count));
}
