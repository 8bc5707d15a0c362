// expect: weir::connect(second, f): one stream has a key and the other has none; put key_by(f) before connect and at the end of second, or at neither
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = orders_in_time;
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | weir::connect<"pairs">(second, pairs{}) | weir::into(count));
}
