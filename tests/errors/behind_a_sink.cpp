// expect: weir::operator|: the pipeline has ended in into(sink); nothing can follow it
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
  std::vector<payment> out;
  auto const ended = weir::from(payments) | weir::into(out);
#ifdef WEIR_BAD
  weir::run(ended | weir::filter([](payment const& p) { return p.amount > 0; }) | weir::into(out));
#else
  weir::run(ended);
#endif
}
