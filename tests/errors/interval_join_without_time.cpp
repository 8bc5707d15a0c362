// expect: weir::interval_join(second, between, f): a stream has no event time; put assign_timestamps(f, strategy) into both
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = weir::from(orders) | weir::key_by(&order::user);
#else
  auto const second = keyed_orders;
#endif
  auto const amount = [](payment const& p, order const&) { return p.amount; };
  weir::run(keyed | weir::interval_join<"pairs">(second, {.upper = weir::duration{9}}, amount) |
            weir::into(count));
}
