// expect: weir::flat_map: neither flat_map<Out>(f) with f(record, emit) nor flat_map(f) with a range f(record)
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const f = [](payment const& p) { return p.amount; };
#else
  auto const f = [](payment const& p, auto&& emit) { emit(p.amount); };
#endif
  weir::run(weir::from(in) | weir::flat_map<std::int64_t>(f) | weir::into(count));
}
