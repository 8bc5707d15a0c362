// expect: weir::branch(chains...): a window has no function; put aggregate, reduce, process_window, co_group or window_join behind window(assigner)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const chain = weir::key_by(&payment::user) | tumbling;
#else
  auto const chain = weir::key_by(&payment::user) | tumbling | weir::aggregate(weir::count());
#endif
  weir::run(timed | weir::branch(chain) | weir::into(count));
}
