// expect: weir::async_map: neither async_map(f) with a value f(record), nor async_map<uid, T>(f) with f(record, weir::async_result<T>)
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const ask = [](payment const& p, weir::async_result<std::int64_t> const& r) { r(p.amount); };
#ifdef WEIR_BAD
  weir::run(timed | weir::async_map<"amount">(ask) | weir::into(count));
#else
  weir::run(timed | weir::async_map<"amount", std::int64_t>(ask) | weir::into(count));
#endif
}
