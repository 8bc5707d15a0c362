// expect: weir::branch(chains...): assign_timestamps, async_map, by_processing_time or a second input (broadcast, connect, a join) in a chain that does not end in into(sink); put it before branch
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const amount = [](payment const& p) { return p.amount; };
#ifdef WEIR_BAD
  auto const chain = weir::async_map<"amount">(amount);
#else
  auto const chain = weir::async_map<"amount">(amount) | weir::into(count);
#endif
  weir::run(timed | weir::branch(chain, weir::map(amount)) | weir::into(count));
}
