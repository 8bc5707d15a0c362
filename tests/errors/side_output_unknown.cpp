// expect: weir::side<name>(chain): no operator above has a side output of this name
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
  std::vector<payment> late;
  auto const rows = keyed |
                    weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">) |
                    weir::aggregate(weir::count());
#ifdef WEIR_BAD
  auto const consumed = rows | weir::side<"lste">(weir::into(late));
#else
  auto const consumed = rows | weir::side<"late">(weir::into(late));
#endif
  weir::run(consumed | weir::into(count));
}
