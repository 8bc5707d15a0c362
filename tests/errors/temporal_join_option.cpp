// expect: weir::temporal_join(versions, f, options...): an option is none of left_outer, late_left_to<name>, or is there twice
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const amount = [](payment const& p, order const*) { return p.amount; };
#ifdef WEIR_BAD
  auto const outer = weir::full_outer;
#else
  auto const outer = weir::left_outer;
#endif
  weir::run(keyed | weir::temporal_join<"pairs">(keyed_orders, amount, outer) | weir::into(count));
}
