// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  using namespace weir::literals;
#ifdef WEIR_BAD
  auto const f = [](auto const& w) { return w["cuont"_c]; };
#else
  auto const f = [](auto const& w) { return w["count"_c]; };
#endif
  auto const first = weir::reduce([](auto const& a, auto const&) { return a; });
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) | weir::key_by(f) | first | weir::into(count));
}
