// expect: weir::inspect(f): f cannot be called with a record of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <cstdint>
#include <vector>

int main() {
  std::int64_t sum = 0;
#ifdef WEIR_BAD
  auto const f = [&](std::vector<int> const& v) { sum += v.front(); };
#else
  auto const f = [&](payment const& p) { sum += p.amount; };
#endif
  weir::run(weir::from(payments) | weir::inspect(f) | weir::into(count));
}
