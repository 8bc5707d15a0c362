// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "misspelt.hpp"

int main() {
  auto const f = [](auto const& w) { return w[misspelt]; };
  auto const large = weir::filter([](auto n) { return n > 3; });
  weir::run(count_windows | weir::map(f) | large | weir::into([](std::int64_t) {}));
}
