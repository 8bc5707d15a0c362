// expect: weir::merge(pipelines...): a window has no function; put aggregate, reduce, process_window, co_group or window_join behind window(assigner)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const both = weir::merge(keyed, keyed | tumbling);
#else
  auto const both = weir::merge(keyed, keyed);
#endif
  weir::run(both | weir::into(count));
}
