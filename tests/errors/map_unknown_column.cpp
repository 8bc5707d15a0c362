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
  auto const large = weir::filter([](auto n) { return n > 3; });
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) | weir::map(f) | large |
            weir::into([](std::int64_t) {}));
}
