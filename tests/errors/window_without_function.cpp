// expect: weir::into(sink): a window has no function; put aggregate or reduce behind window(assigner)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const windows = keyed | tumbling;
#else
  auto const windows = keyed | tumbling | weir::aggregate(weir::count());
#endif
  weir::run(windows | weir::into(count));
}
