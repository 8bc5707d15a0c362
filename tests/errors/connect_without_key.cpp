// expect: weir::connect(second, f): the streams have no key; put key_by(f) before connect and at the end of second, or keep operator_list_state or operator_value_state and set no timers
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  weir::run(timed | weir::connect<"pairs">(orders_in_time, pairs{}) | weir::into(count));
#else
  weir::run(keyed | weir::connect<"pairs">(keyed_orders, pairs{}) | weir::into(count));
#endif
}
