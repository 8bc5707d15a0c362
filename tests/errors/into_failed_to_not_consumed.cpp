// expect: weir::run(pipeline): a side output is not consumed; put side<name>(chain) or discard<name> behind
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const job = weir::from(payments) | weir::into([](payment const&) {}, weir::failed_to<"bad">);
#ifdef WEIR_BAD
  weir::run(job);
#else
  weir::run(job | weir::discard<"bad">);
#endif
}
