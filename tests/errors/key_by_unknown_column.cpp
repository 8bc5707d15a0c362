// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "misspelt.hpp"

int main() {
  auto const f = [](auto const& w) { return w[misspelt]; };
  auto const first = weir::reduce([](auto const& a, auto const&) { return a; });
  weir::run(count_windows | weir::key_by(f) | first | weir::into(count));
}
