// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  using namespace weir::literals;
#ifdef WEIR_BAD
  auto const take = [](auto const& w) { return w["cuont"_c] + 1; };
#else
  auto const take = [](auto const& w) { return w["count"_c] + 1; };
#endif
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) | weir::into(take));
}
