// expect: weir::flat_map: neither flat_map<Out>(f) with f(record, emit) nor flat_map(f) with a range f(record)
#include <weir/weir.hpp>

#include "payments.hpp"

#include <cstdint>

int main() {
#ifdef WEIR_BAD
  auto const f = [](payment const& p) { return p.amount; };
#else
  auto const f = [](payment const& p, auto&& emit) { emit(p.amount); };
#endif
  weir::run(weir::from(payments) | weir::flat_map<std::int64_t>(f) | weir::into(count));
}
