// expect: weir::branch(chains...): assign_timestamps, async_map, by_processing_time or a second input (broadcast, connect, a join) in a chain that does not end in into(sink); put it before branch
#include <weir/weir.hpp>

#include "payments.hpp"

using namespace weir::literals;

int main() {
  auto const counted =
      weir::key_by(&payment::user) |
#ifdef WEIR_BAD
      weir::window(weir::by_processing_time(weir::tumbling_windows{.size = weir::duration{10}})) |
#else
      tumbling |
#endif
      weir::aggregate(weir::count()) | weir::map([](auto const& w) { return w["count"_c]; });
  weir::run(timed | weir::branch(counted, counted) | weir::into(count));
}
