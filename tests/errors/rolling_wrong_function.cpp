// expect: weir::rolling(functions...): a function does not suit the records of this stream
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const total = weir::sum(&order::user);
#else
  auto const total = weir::sum(&payment::amount);
#endif
  weir::run(keyed | weir::rolling(total) | weir::into(count));
}
