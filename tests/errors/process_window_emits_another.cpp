// expect: weir::process_window<uid, Out>(f): emit(value): the value is no Out
#include <weir/weir.hpp>

#include "payments.hpp"

#include <string>

int main() {
  auto const all = [](auto const& w, std::vector<payment> const& elements, auto const& emit) {
#ifdef WEIR_BAD
    emit(std::to_string(w.key + elements.front().amount));
#else
    emit(w.key + elements.front().amount);
#endif
  };
  weir::run(keyed | tumbling | weir::process_window<"all", std::int64_t>(all) | weir::into(count));
}
