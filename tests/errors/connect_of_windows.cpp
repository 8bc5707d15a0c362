// expect: weir::connect(second, f): a stream has windows without function; put aggregate or reduce behind window(assigner)
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  weir::run(keyed | weir::connect(keyed_orders | tumbling, pairs{}) | weir::into(count));
#else
  weir::run(keyed | weir::connect(keyed_orders, pairs{}) | weir::into(count));
#endif
}
