// expect: weir::discard<name>: no operator above has a side output of this name
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const rows = keyed |
                    weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">) |
                    weir::aggregate(weir::count());
#ifdef WEIR_BAD
  auto const consumed = rows | weir::discard<"lste">;
#else
  auto const consumed = rows | weir::discard<"late">;
#endif
  weir::run(consumed | weir::into(count));
}
