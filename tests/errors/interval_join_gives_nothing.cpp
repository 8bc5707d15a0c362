// expect: weir::interval_join(second, between, f): f(left, right) cannot be called with records of the two streams
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const f = [](payment const&, order const&) {};
#else
  auto const f = [](payment const& p, order const&) { return p.amount; };
#endif
  weir::run(keyed | weir::interval_join(keyed_orders, {.upper = weir::duration{9}}, f) | weir::into(count));
}
