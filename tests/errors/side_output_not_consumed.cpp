// expect: weir::into(sink): a side output is not consumed; put side<name>(chain) or discard<name> before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const rows = keyed |
                    weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">) |
                    weir::aggregate(weir::count());
#ifdef WEIR_BAD
  auto const consumed = rows;
#else
  auto const consumed = rows | weir::discard<"late">;
#endif
  weir::run(consumed | weir::into(count));
}
