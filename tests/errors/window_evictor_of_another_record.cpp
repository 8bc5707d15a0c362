// expect: weir::window(assigner, evictor): evictor.evict(window_elements<V>&) cannot be called for records of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const distance = [](int a, int b) { return a - b; };
#else
  auto const distance = [](payment const& a, payment const& b) { return a.amount - b.amount; };
#endif
  weir::run(keyed |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::delta_evictor(5, distance)) |
            weir::aggregate(weir::count()) | weir::into(count));
}
