// expect: weir::map(f): f cannot be called with a record of this stream, or returns nothing
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
  auto const f = [](payment const&) {};
#else
  auto const f = [](payment const& p) { return p.amount; };
#endif
  weir::run(weir::from(in) | weir::map(f) | weir::into(count));
}
