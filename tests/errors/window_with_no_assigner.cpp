// expect: weir::window(assigner, options...): the first argument assigns no windows
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const assigner = weir::duration{10};
#else
  auto const assigner = weir::tumbling_windows{.size = weir::duration{10}};
#endif
  weir::run(keyed | weir::window(assigner) | weir::aggregate(weir::count()) | weir::into(count));
}
