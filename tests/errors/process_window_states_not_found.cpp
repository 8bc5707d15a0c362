// expect: weir::process_window(f): the state handles of f are not found; add `auto states() { return std::tie(...); }`
#include <weir/weir.hpp>

#include "payments.hpp"

#include <tuple>

struct firings {
  weir::value_state<std::int64_t, "all"> all;
#ifndef WEIR_BAD
  auto states() { return std::tie(all); }
#endif
  template <class Window, class Context, class Emit>
  void operator()(Window const&, std::vector<payment> const&, Context&, Emit const& emit) const {
    emit(++all.get());
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"firings", std::int64_t>(firings{}) | weir::into(count));
}
