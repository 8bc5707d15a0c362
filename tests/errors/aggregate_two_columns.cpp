// expect: weir::aggregate(functions...): two columns have the same name; name one with as<name>
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = weir::sum(&payment::user);
#else
  auto const second = weir::sum(&payment::user) | weir::as<"users">;
#endif
  weir::run(keyed | tumbling | weir::aggregate(weir::sum(&payment::amount), second) | weir::into(count));
}
