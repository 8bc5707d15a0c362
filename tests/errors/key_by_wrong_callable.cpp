// expect: weir::key_by(f...): f cannot be called with a record of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
#ifdef WEIR_BAD
  auto const key = &std::vector<int>::size;
#else
  auto const key = &payment::user;
#endif
  weir::run(timed | weir::key_by(key) | tumbling | weir::aggregate(weir::count()) | weir::into(count));
}
