// expect: weir::with_idleness(strategy, timeout): the timeout is no length of time
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  using namespace std::chrono_literals;
#ifdef WEIR_BAD
  auto const timeout = 30;
#else
  auto const timeout = 30s;
#endif
  weir::run(weir::from(payments) |
            weir::assign_timestamps(&payment::at, weir::with_idleness{weir::monotonous_timestamps{}, timeout}) |
            weir::key_by(&payment::user) | tumbling | weir::aggregate(weir::count()) | weir::into(count));
}
