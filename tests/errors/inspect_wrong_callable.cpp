// expect: weir::inspect(f): f cannot be called with a record of this stream
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
  std::int64_t sum = 0;
#ifdef WEIR_BAD
  auto const f = [&](std::vector<int> const& v) { sum += v.front(); };
#else
  auto const f = [&](payment const& p) { sum += p.amount; };
#endif
  weir::run(weir::from(in) | weir::inspect(f) | weir::into(count));
}
