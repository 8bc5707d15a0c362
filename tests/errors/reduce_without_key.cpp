// expect: weir::reduce(f): the stream has no key; put key_by(f) before it
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

int main() {
  std::vector<std::int64_t> const in;
  std::vector<std::int64_t> out;
  auto numbers = weir::from(in);
#ifdef WEIR_BAD
  auto keyed = numbers;
#else
  auto keyed = numbers | weir::key_by([](std::int64_t i) { return i % 2; });
#endif
  weir::run(keyed | weir::reduce([](std::int64_t a, std::int64_t b) { return a + b; }) | weir::into(out));
}
