// expect: weir::aggregate(functions...): there is no function; put count() in it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const counts = weir::aggregate();
#else
  auto const counts = weir::aggregate(weir::count());
#endif
  weir::run(keyed | tumbling | counts | weir::into(count));
}
