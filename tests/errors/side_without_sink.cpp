// expect: weir::side<name>(chain): the chain has no sink; end it with into(sink)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const amounts = weir::from(payments) | weir::map(&payment::amount) | weir::failed_to<"bad">;
  auto const payment_of = weir::map([](auto const& failed) { return failed.record; });
#ifdef WEIR_BAD
  auto const chain = payment_of;
#else
  auto const chain = payment_of | weir::into(count);
#endif
  weir::run(amounts | weir::side<"bad">(chain) | weir::into(count));
}
