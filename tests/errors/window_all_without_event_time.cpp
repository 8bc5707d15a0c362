// expect: weir::window_all(assigner): the stream has no event time; put assign_timestamps(f, strategy) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const stream = weir::from(payments);
#else
  auto const& stream = timed;
#endif
  weir::run(stream | weir::window_all(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
