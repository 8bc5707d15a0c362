// expect: weir::branch(chains...): a side output is not consumed; put side<name>(chain) or discard<name> behind into(sink, failed_to<name>), in the same chain
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const refusing = weir::into([](payment const&) {}, weir::failed_to<"bad">);
#ifdef WEIR_BAD
  auto const consumed = refusing;
#else
  auto const consumed = refusing | weir::discard<"bad">;
#endif
  auto const with_time = in_time | consumed;
  weir::run(weir::from(payments) | weir::branch(with_time, weir::map(&payment::amount)) | weir::into(count));
}
