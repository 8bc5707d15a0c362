// expect: weir::window(by_processing_time(assigner), options...): by the clock no record is late; leave out allowed_lateness and late_to
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::tumbling_windows const ten{.size = weir::duration{10}};
#ifdef WEIR_BAD
  auto const windows = weir::window(weir::by_processing_time(ten), weir::allowed_lateness{weir::duration{5}});
#else
  auto const windows = weir::window(weir::by_processing_time(ten));
#endif
  weir::run(keyed | windows | weir::aggregate(weir::count()) | weir::into(count));
}
