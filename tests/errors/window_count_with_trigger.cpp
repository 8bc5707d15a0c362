// expect: weir::window(assigner, options...): windows that count bring their trigger and their evictor with them; put another with global_windows{}
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  weir::count_windows const windows{.count = 3};
#else
  weir::global_windows const windows;
#endif
  weir::run(keyed | weir::window(windows, weir::event_time_trigger{}) | weir::aggregate(weir::count()) |
            weir::into(count));
}
