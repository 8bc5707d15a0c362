// expect: weir::failed_to<name>, skip_failed: the operator before it calls no function for one record
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const job = weir::from(payments) | weir::failed_to<"bad"> | weir::discard<"bad">;
#else
  auto const job =
      weir::from(payments) | weir::map(&payment::amount) | weir::failed_to<"bad"> | weir::discard<"bad">;
#endif
  weir::run(job | weir::into(count));
}
