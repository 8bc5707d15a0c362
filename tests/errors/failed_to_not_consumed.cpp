// expect: weir::into(sink): a side output is not consumed; put side<name>(chain) or discard<name> before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const job = weir::from(payments) | weir::map(&payment::amount) | weir::failed_to<"bad">;
#ifdef WEIR_BAD
  auto const consumed = job;
#else
  auto const consumed = job | weir::discard<"bad">;
#endif
  weir::run(consumed | weir::into(count));
}
