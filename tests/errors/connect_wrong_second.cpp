// expect: weir::connect(second, f): f.on_second(record, context, emit) cannot be called with a record of second
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = keyed;
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | weir::connect<"pairs">(second, pairs{}) | weir::into(count));
}
