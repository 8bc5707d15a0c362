// expect: weir::run(pipeline): two operators have the same uid; each needs its own
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const stream = weir::from(payments, weir::uid<"in">) | in_time | weir::key_by(&payment::user);
#ifdef WEIR_BAD
  auto const second = weir::uid<"one">;
#else
  auto const second = weir::uid<"two">;
#endif
  auto const rule = tumbling | weir::aggregate(weir::count());
  weir::run(stream | weir::branch(rule | weir::uid<"one">, rule | second) |
            weir::into(count, weir::uid<"out">));
}
