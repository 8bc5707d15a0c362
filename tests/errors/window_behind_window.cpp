// expect: weir::operator|: a window has no function; put aggregate, reduce, process_window, co_group or window_join behind window(assigner)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const windows = keyed | tumbling | tumbling;
#else
  auto const windows = keyed | tumbling;
#endif
  weir::run(windows | weir::aggregate(weir::count()) | weir::into(count));
}
