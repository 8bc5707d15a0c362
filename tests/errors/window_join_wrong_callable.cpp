// expect: weir::window_join(second, f): f(left, right) cannot be called with records of the two streams; a side that may be absent is a pointer
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const amount = [](order const&, payment const& p) { return p.amount; };
#else
  auto const amount = [](payment const& p, order const&) { return p.amount; };
#endif
  weir::run(keyed | tumbling | weir::window_join<"pairs">(keyed_orders, amount) | weir::into(count));
}
