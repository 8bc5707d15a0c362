// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "misspelt.hpp"

int main() {
  auto const take = [](auto const& w) { return w[misspelt] + 1; };
  weir::run(count_windows | weir::into(take));
}
