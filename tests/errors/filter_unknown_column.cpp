// expect: weir::row: there is no column of this name
// shows: cuont
#include <weir/weir.hpp>

#include "misspelt.hpp"

int main() {
  auto const large = [](auto const& w) { return w[misspelt] > 3; };
  weir::run(count_windows | weir::branch(weir::filter(large) | weir::into(count), weir::into(count)));
}
