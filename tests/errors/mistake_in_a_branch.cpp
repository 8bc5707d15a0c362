// expect: weir::window(assigner): the stream has no key; put key_by(f) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
#ifdef WEIR_BAD
  auto const& stream = timed;
#else
  auto const& stream = keyed;
#endif
  auto const counted = tumbling | weir::aggregate(weir::count());
  auto const sessions =
      weir::window(weir::session_windows{.gap = weir::duration{10}}) | weir::aggregate(weir::count());
  weir::run(stream | weir::branch(weir::map([](payment const& p) { return p.user; }) | weir::into(count),
                                  counted | weir::into(count), sessions | weir::into(count)));
}
