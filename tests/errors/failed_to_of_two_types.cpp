// expect: weir::failed_to<name>: a side output of this name carries other records; give it another name
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const first = weir::from(payments) | weir::map(&payment::amount) | weir::failed_to<"bad">;
  auto const larger = weir::filter([](std::int64_t n) { return n > 5; });
#ifdef WEIR_BAD
  auto const job = first | larger | weir::failed_to<"bad"> | weir::discard<"bad">;
#else
  auto const job = first | larger | weir::failed_to<"other"> | weir::discard<"bad"> | weir::discard<"other">;
#endif
  weir::run(job | weir::into(count));
}
