// expect: weir::window(assigner, options...): the first argument assigns no windows
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const windows = weir::window(weir::by_processing_time(weir::duration{10}));
#else
  auto const windows =
      weir::window(weir::by_processing_time(weir::tumbling_windows{.size = weir::duration{10}}));
#endif
  weir::run(keyed | windows | weir::aggregate(weir::count()) | weir::into(count));
}
