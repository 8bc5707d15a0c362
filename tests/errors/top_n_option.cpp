// expect: weir::top_n(n, by, options...): an option is none of unique(f), with_rank, or is there twice
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const option = &payment::user;
#else
  auto const option = weir::unique(&payment::user);
#endif
  weir::run(keyed | weir::top_n(3, &payment::amount, option) | weir::into(count));
}
