// expect: weir::deduplicate(within): the stream has no event time; put assign_timestamps(f, strategy) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const stream = weir::from(payments) | weir::key_by(&payment::user);
#else
  auto const stream = keyed;
#endif
  weir::run(stream | weir::deduplicate(weir::within{weir::duration{9}}) | weir::into(count));
}
