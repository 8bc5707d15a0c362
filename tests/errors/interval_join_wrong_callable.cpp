// expect: weir::interval_join(second, between, f): f(left, right) cannot be called with records of the two streams; a side that may be absent is a pointer
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const amount = [](payment const& p, order const&) { return p.amount; };
#else
  auto const amount = [](payment const& p, order const*) { return p.amount; };
#endif
  weir::run(keyed |
            weir::interval_join<"pairs">(keyed_orders, {.upper = weir::duration{9}}, amount, weir::left_outer) |
            weir::into(count));
}
