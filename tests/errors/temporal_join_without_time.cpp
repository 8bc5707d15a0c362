// expect: weir::temporal_join(versions, f): a stream has no event time; put assign_timestamps(f, strategy) into both
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const versions = weir::from(orders) | weir::key_by(&order::user);
#else
  auto const versions = keyed_orders;
#endif
  auto const amount = [](payment const& p, order const&) { return p.amount; };
  weir::run(keyed | weir::temporal_join<"pairs">(versions, amount) | weir::into(count));
}
