// expect: weir::aggregate(functions...): a function does not suit the records of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
#ifdef WEIR_BAD
  auto const f = weir::sum([](std::vector<int> const& v) { return v.size(); });
#else
  auto const f = weir::sum(&payment::amount);
#endif
  weir::run(keyed | tumbling | weir::aggregate(f) | weir::into(count));
}
