// expect: weir::deduplicate(): the stream has no key; put key_by(f) before it, f giving what repeats have in common
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const stream = timed;
#else
  auto const stream = keyed;
#endif
  weir::run(stream | weir::deduplicate() | weir::into(count));
}
