// expect: weir::rolling(functions...): the stream has no key; put key_by(f) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const stream = timed;
#else
  auto const stream = keyed;
#endif
  weir::run(stream | weir::rolling(weir::sum(&payment::amount)) | weir::into(count));
}
