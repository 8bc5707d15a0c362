// expect: weir::window(assigner, options...): there is more than one evictor
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::run(keyed |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}},
#ifdef WEIR_BAD
                         weir::time_evictor{.size = weir::duration{5}},
#endif
                         weir::count_evictor{.count = 3}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
