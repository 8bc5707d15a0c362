// expect: weir::window_join(second, f): second has no key; put key_by(f) at its end
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const amount = [](payment const& p, order const&) { return p.amount; };
#ifdef WEIR_BAD
  auto const second = orders_in_time;
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | tumbling | weir::window_join<"pairs">(second, amount) | weir::into(count));
}
