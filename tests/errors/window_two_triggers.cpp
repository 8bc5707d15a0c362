// expect: weir::window(assigner, options...): there is more than one trigger
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::run(keyed |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}},
#ifdef WEIR_BAD
                         weir::event_time_trigger{},
#endif
                         weir::count_trigger{.count = 3}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
