// expect: weir::run(pipeline, policies...): checkpoints with memory_store, which nothing survives;
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const pipeline = weir::from(payments, weir::uid<"in">) | weir::into(count, weir::uid<"out">);
#ifdef WEIR_BAD
  weir::run(pipeline, weir::memory_store{}, weir::periodic_checkpoints{});
#else
  weir::run(pipeline, weir::memory_store{}, weir::no_checkpoints{});
#endif
}
