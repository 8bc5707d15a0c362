// expect: weir::from(source): neither a source, nor a range, nor a callable
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const source = 5;
#else
  auto const& source = payments;
#endif
  weir::run(weir::from(source) | weir::filter([](auto const&) { return true; }) | weir::into(count));
}
