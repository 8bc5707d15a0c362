// expect: weir::into(sink, retries): the sink writes at once, so part of it may have gone out
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const end = weir::into([](payment const&) {}, weir::retries{});
#else
  auto const end = weir::into([](payment const&) {}, weir::skip_failed);
#endif
  weir::run(weir::from(payments) | end);
}
