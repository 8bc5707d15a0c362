// expect: weir::operator|: a chain has ended in into(sink); nothing can follow it
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
  std::vector<payment> out;
  auto const ended = weir::map([](payment const& p) { return p; }) | weir::into(out);
#ifdef WEIR_BAD
  auto const chain = ended | weir::filter([](payment const& p) { return p.amount > 0; });
#else
  auto const chain = ended;
#endif
  weir::run(weir::from(payments) | weir::branch(chain, weir::into(out)));
}
