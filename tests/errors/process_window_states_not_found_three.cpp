// expect: weir::process_window(f): the state handles of f are not found; add `auto states() { return std::tie(...); }`
#include <weir/weir.hpp>

#include "payments.hpp"

#include <string>
#include <tuple>
#include <vector>

// A form of f without context, and the handle is not the first member.
struct firings {
  std::string unit;
  weir::value_state<std::int64_t, "all"> all;
#ifndef WEIR_BAD
  auto states() { return std::tie(all); }
#endif
  template <class Window, class Emit>
  void operator()(Window const&, std::vector<payment> const&, Emit const& emit) const {
    emit(++all.get());
  }
};
// Members that are no handles need no words.
struct above {
  std::vector<int> limits;
  std::string unit;
  template <class Window, class Emit>
  void operator()(Window const&, std::vector<payment> const& all, Emit const& emit) const {
    if (static_cast<int>(all.size()) > limits[0]) emit(std::int64_t{1});
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"above", std::int64_t>(above{{1}, ""}) | weir::into(count));
  weir::run(keyed | tumbling | weir::process_window<"firings", std::int64_t>(firings{}) | weir::into(count));
}
