// expect: weir::from(source): neither a source, nor a range, nor a callable
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
  auto const source = 5;
#else
  auto const& source = in;
#endif
  weir::run(weir::from(source) | weir::filter([](auto const&) { return true; }) | weir::into(count));
  (void)in;
}
