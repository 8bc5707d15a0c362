// expect: weir::temporal_join(versions, f): f(record, version) cannot be called with records of the two streams; with left_outer the version is a pointer
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const amount = [](order const&, payment const& p) { return p.amount; };
#else
  auto const amount = [](payment const& p, order const&) { return p.amount; };
#endif
  weir::run(keyed | weir::temporal_join<"pairs">(keyed_orders, amount) | weir::into(count));
}
