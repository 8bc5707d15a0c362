// expect: weir::window_join(second, f): windows of two streams are of event time
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::tumbling_windows const ten{.size = weir::duration{10}};
#ifdef WEIR_BAD
  auto const windows = weir::window(weir::by_processing_time(ten));
#else
  auto const windows = weir::window(ten);
#endif
  weir::run(keyed | windows |
            weir::window_join<"both">(keyed, [](payment const& a, payment const&) { return a.user; }) |
            weir::into(count));
}
