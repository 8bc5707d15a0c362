// expect: weir::interval_join(second, between, f, options...): an option is none of left_outer, right_outer, full_outer, late_left_to<name>, late_right_to<name>, or is there twice
#include <weir/weir.hpp>

#include "pairs.hpp"

int main() {
  auto const amount = [](payment const& p, order const*) { return p.amount; };
#ifdef WEIR_BAD
  auto const late = weir::late_to<"late">;
#else
  auto const late = weir::late_left_to<"late">;
#endif
  weir::run(
      keyed |
      weir::interval_join<"pairs">(keyed_orders, {.upper = weir::duration{9}}, amount, weir::left_outer, late) |
      weir::side<"late">(weir::into(count)) | weir::into(count));
}
