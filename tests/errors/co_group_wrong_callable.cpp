// expect: weir::co_group<uid, Out>(second, f): f(window, left, right, emit) cannot be called with a keyed_window and the std::vectors of both sides
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
#ifdef WEIR_BAD
  auto const both = [](auto const& w, std::vector<order> const&, std::vector<payment> const&,
                       auto const& emit) {
#else
  auto const both = [](auto const& w, std::vector<payment> const&, std::vector<order> const&,
                       auto const& emit) {
#endif
    emit(w.key);
  };
  weir::run(keyed | tumbling | weir::co_group<"pairs", std::int64_t>(keyed_orders, both) | weir::into(count));
}
