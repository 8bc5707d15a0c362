// expect: weir::window(assigner, options...): there is more than one late_to
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  [[maybe_unused]] auto const windows = weir::window(weir::tumbling_windows{.size = weir::duration{10}},
#ifdef WEIR_BAD
                                                     weir::late_to<"late">,
#endif
                                                     weir::late_to<"too late">);
  weir::run(keyed | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
