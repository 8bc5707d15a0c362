// expect: weir::co_group(second, f): the stream has no windows; put window(assigner) before it
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const both = [](auto const& w, std::vector<payment> const&, std::vector<order> const&,
                       auto const& emit) { emit(w.key); };
#ifdef WEIR_BAD
  auto const stream = keyed;
#else
  auto const stream = keyed | tumbling;
#endif
  weir::run(stream | weir::co_group<"pairs", std::int64_t>(keyed_orders, both) | weir::into(count));
}
