// expect: weir::co_group(second, f): late_to of the window is for records of one type; give late_left_to<name> and late_right_to<name> to co_group
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const both = [](auto const& w, std::vector<payment> const&, std::vector<order> const&,
                       auto const& emit) { emit(w.key); };
  weir::tumbling_windows const minutes{.size = weir::duration{10}};
#ifdef WEIR_BAD
  auto const chain =
      weir::window(minutes, weir::late_to<"late">) | weir::co_group<"pairs", std::int64_t>(keyed_orders, both);
#else
  auto const chain = weir::window(minutes) |
                     weir::co_group<"pairs", std::int64_t>(keyed_orders, both, weir::late_left_to<"late">);
#endif
  weir::run(keyed | chain | weir::side<"late">(weir::into(count)) | weir::into(count));
}
