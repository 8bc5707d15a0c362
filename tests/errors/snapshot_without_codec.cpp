// expect: weir::testing::test_driver: snapshot() of a key or a state of a type without codec
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>

struct total {
  std::int64_t of;
};

int main() {
  auto t = weir::testing::test_driver<std::int64_t, weir::untimed>(
      weir::map([](std::int64_t i) { return total{i}; }) |
      weir::key_by([](total const& x) { return x.of % 2; }) |
      weir::reduce([](total a, total const& b) { return total{a.of + b.of}; }));
  t.push(1);
#ifdef WEIR_BAD
  t.snapshot();
#endif
}
