// expect: weir::run(pipeline, exactly_once): a sink writes at once and cannot take back; use at_least_once
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const pipeline = weir::from(payments, weir::uid<"in">) | weir::into(count, weir::uid<"out">);
#ifdef WEIR_BAD
  weir::run(pipeline, weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::exactly_once);
#else
  weir::run(pipeline, weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::at_least_once);
#endif
}
