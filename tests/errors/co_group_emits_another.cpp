// expect: weir::co_group<uid, Out>(second, f): emit(value): the value is no Out
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const both = [](auto const& w, std::vector<payment> const&, std::vector<order> const&,
                       auto const& emit) {
#ifdef WEIR_BAD
    emit(std::to_string(w.key));
#else
    emit(w.key);
#endif
  };
  weir::run(keyed | tumbling | weir::co_group<"pairs", std::int64_t>(keyed_orders, both) | weir::into(count));
}
