// expect: weir::process_window<uid, Out>(aggregate(...), f): f(window, row, emit) cannot be called with a keyed_window and the row of the aggregates
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const all = [](auto const& w, std::vector<payment> const&, auto const& emit) { emit(w.key); };
#else
  auto const all = [](auto const& w, auto const&, auto const& emit) { emit(w.key); };
#endif
  weir::run(keyed | tumbling | weir::process_window<"all", std::int64_t>(weir::aggregate(weir::count()), all) |
            weir::into(count));
}
