// expect: weir::broadcast(rules, f): rules is no open pipeline; begin it with from(source), without into
#include <weir/weir.hpp>

#include "limits.hpp"

int main() {
#ifdef WEIR_BAD
  auto const rules = strings;
#else
  auto const rules = names;
#endif
  weir::run(numbers | weir::broadcast<"limits">(rules, limits{}) | weir::into(count));
}
