// expect: weir::interval_join(second, between, f): a stream has no key; put key_by(f) before it and at the end of second
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = orders_in_time;
#else
  auto const second = keyed_orders;
#endif
  auto const amount = [](payment const& p, order const&) { return p.amount; };
  weir::run(keyed | weir::interval_join<"pairs">(second, {.upper = weir::duration{9}}, amount) |
            weir::into(count));
}
