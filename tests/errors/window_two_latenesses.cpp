// expect: weir::window(assigner, options...): there is more than one allowed_lateness
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::run(keyed |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}},
#ifdef WEIR_BAD
                         weir::allowed_lateness{weir::duration{1}},
#endif
                         weir::allowed_lateness{weir::duration{5}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
