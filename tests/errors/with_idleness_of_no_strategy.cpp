// expect: weir::assign_timestamps(f, strategy): the strategy has no observe(watermark, record, timestamp)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  using namespace std::chrono_literals;
#ifdef WEIR_BAD
  auto const strategy = 5s;
#else
  auto const strategy = weir::bounded_out_of_orderness{5s};
#endif
  weir::run(weir::from(payments) | weir::assign_timestamps(&payment::at, weir::with_idleness{strategy, 30s}) |
            weir::key_by(&payment::user) | tumbling | weir::aggregate(weir::count()) | weir::into(count));
}
