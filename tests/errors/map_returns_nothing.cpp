// expect: weir::map(f): f cannot be called with a record of this stream, or returns nothing
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const f = [](payment const&) {};
#else
  auto const f = [](payment const& p) { return p.amount; };
#endif
  weir::run(weir::from(payments) | weir::map(f) | weir::into(count));
}
