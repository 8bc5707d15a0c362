// expect: weir::interval_join(second, between, f): a stream has windows without function; put aggregate or reduce behind window(assigner)
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const join = weir::interval_join(keyed_orders, {.upper = weir::duration{9}},
                                        [](payment const& p, order const&) { return p.amount; });
#ifdef WEIR_BAD
  weir::run(keyed | tumbling | join | weir::into(count));
#else
  weir::run(keyed | join | weir::into(count));
#endif
}
