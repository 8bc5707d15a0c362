// expect: weir::async_map: f.on_timeout(record) or f.on_failure(record, std::exception_ptr) is not const, or gives no result
#include <weir/weir.hpp>

#include "payments.hpp"

struct ask {
  std::int64_t operator()(payment const& p) const { return p.amount; }
#ifdef WEIR_BAD
  char const* on_timeout(payment const&) const { return "none"; }
#else
  std::int64_t on_timeout(payment const&) const { return 0; }
#endif
};

int main() { weir::run(timed | weir::async_map<"amount">(ask{}) | weir::into(count)); }
