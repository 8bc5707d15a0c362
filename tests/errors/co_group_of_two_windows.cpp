// expect: weir::co_group(second, f): second has windows of its own; its records go into those of the stream: end it in key_by(f)
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = keyed_orders | tumbling;
#else
  auto const second = keyed_orders;
#endif
  weir::run(keyed | tumbling |
            weir::co_group<int>(second, [](auto const&, auto const&, auto const&, auto const&) {}) |
            weir::into(count));
}
