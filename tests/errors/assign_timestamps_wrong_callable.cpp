// expect: weir::assign_timestamps(f, strategy): f(record) is no weir::timestamp
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const time = &payment::amount;
#else
  auto const time = &payment::at;
#endif
  weir::run(weir::from(payments) | weir::assign_timestamps(time, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) | tumbling | weir::aggregate(weir::count()) | weir::into(count));
}
