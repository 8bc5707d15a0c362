// expect: weir::branch(chains...): the chains that do not end in into(sink) give records of different types
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const second = weir::map([](payment const& p) { return p.at; });
#else
  auto const second = weir::map([](payment const& p) { return p.user; });
#endif
  auto const first = weir::map([](payment const& p) { return p.amount; });
  weir::run(weir::from(payments) | weir::branch(first, second) | weir::into(count));
}
