// expect: under checkpoints each source, sink and operator with state needs a name; add uid<
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const stream = weir::from(payments, weir::uid<"in">) | in_time | weir::key_by(&payment::user);
#ifdef WEIR_BAD
  auto const rows = stream | tumbling | weir::aggregate(weir::count());
#else
  auto const rows = stream | tumbling | weir::aggregate(weir::count()) | weir::uid<"counts">;
#endif
  weir::run(rows | weir::into(count, weir::uid<"out">), weir::lmdb_store{"state"}, weir::periodic_checkpoints{},
            weir::at_least_once);
}
