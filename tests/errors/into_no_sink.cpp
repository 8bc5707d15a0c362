// expect: weir::into(sink): neither a sink, nor an lvalue container, nor an ostream, nor a callable
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const sink = 5;
#else
  auto const sink = [](payment const&) {};
#endif
  weir::run(weir::from(payments) | weir::into(sink));
}
