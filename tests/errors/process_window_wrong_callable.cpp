// expect: weir::process_window<uid, Out>(f): f(window, elements, emit) cannot be called with a keyed_window and the std::vector of its records
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const all = [](auto const& w, std::vector<int> const&, auto const& emit) { emit(w.key); };
#else
  auto const all = [](auto const& w, std::vector<payment> const&, auto const& emit) { emit(w.key); };
#endif
  weir::run(keyed | tumbling | weir::process_window<"all", std::int64_t>(all) | weir::into(count));
}
