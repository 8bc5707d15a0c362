// expect: weir::run(pipeline, exactly_once): a source cannot be read again from a position; use at_least_once
#include <weir/weir.hpp>

#include "payments.hpp"

#include <optional>

int main() {
  auto const source = []() -> std::optional<payment> { return {}; };
  auto const pipeline = weir::from(source, weir::uid<"in">) | weir::into(count, weir::uid<"out">);
#ifdef WEIR_BAD
  weir::run(pipeline, weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::exactly_once);
#else
  weir::run(pipeline, weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::at_least_once);
#endif
}
