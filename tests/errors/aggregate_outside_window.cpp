// expect: weir::aggregate(functions...): the stream has no windows; put window(assigner) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const& windows = keyed;
#else
  auto const windows = keyed | tumbling;
#endif
  weir::run(windows | weir::aggregate(weir::count()) | weir::into(count));
}
