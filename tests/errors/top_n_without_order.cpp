// expect: weir::top_n(n, by): by(record) cannot be called with a record of this stream, or gives what has no order
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const by = [](payment const& p) { return p; };
#else
  auto const by = [](payment const& p) { return p.amount; };
#endif
  weir::run(keyed | weir::top_n(3, by) | weir::into(count));
}
