// expect: weir::co_group(second, f): the window has an evictor, which is for the records of one stream
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const both = [](auto const& w, std::vector<payment> const&, std::vector<order> const&,
                       auto const& emit) { emit(w.key); };
  weir::run(keyed |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}}
#ifdef WEIR_BAD
                         ,
                         weir::count_evictor{.count = 3}
#endif
                         ) |
            weir::co_group<"pairs", std::int64_t>(keyed_orders, both) | weir::into(count));
}
