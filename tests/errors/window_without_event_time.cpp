// expect: weir::window(assigner): the stream has no event time; put assign_timestamps(f, strategy) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const stream = weir::from(payments);
#else
  auto const stream = timed;
#endif
  weir::run(stream | weir::key_by(&payment::user) | tumbling | weir::aggregate(weir::count()) |
            weir::into(count));
}
