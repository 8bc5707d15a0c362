// expect: weir::failed_to<name>, skip_failed: the operator before it calls no function for one record
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const smaller =
      weir::reduce([](payment const& a, payment const& b) { return a.amount < b.amount ? a : b; });
#ifdef WEIR_BAD
  auto const job = keyed | tumbling | smaller | weir::skip_failed;
#else
  auto const job = keyed | smaller | weir::skip_failed;
#endif
  weir::run(job | weir::into(count));
}
