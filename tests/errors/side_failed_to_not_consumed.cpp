// expect: weir::side<name>(chain): a side output is not consumed; put side<name>(chain) or discard<name> behind into(sink, failed_to<name>), in the same chain
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const amounts = weir::from(payments) | weir::map(&payment::amount) | weir::failed_to<"bad">;
  auto const refusing = weir::into([](auto const&) {}, weir::failed_to<"worse">);
#ifdef WEIR_BAD
  auto const chain = refusing;
#else
  auto const chain = refusing | weir::discard<"worse">;
#endif
  weir::run(amounts | weir::side<"bad">(chain) | weir::into(count));
}
