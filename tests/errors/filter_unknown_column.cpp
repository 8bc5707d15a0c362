// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  using namespace weir::literals;
#ifdef WEIR_BAD
  auto const large = [](auto const& w) { return w["cuont"_c] > 3; };
#else
  auto const large = [](auto const& w) { return w["count"_c] > 3; };
#endif
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) |
            weir::branch(weir::filter(large) | weir::into(count), weir::into(count)));
}
