// expect: weir::operator|: a window has no function; put aggregate, reduce, process_window, co_group or window_join behind window(assigner)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const amount = weir::map([](payment const& p) { return p.amount; });
#ifdef WEIR_BAD
  weir::run(keyed | tumbling | amount | weir::into(count));
#else
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) | weir::into(count));
  weir::run(keyed | amount | weir::into(count));
#endif
}
