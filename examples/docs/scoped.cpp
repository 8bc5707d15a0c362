// scoped: one chain twice, each under a name of its own.
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

int main() {
  std::vector<std::int64_t> const numbers{1, 2, 3, 4, 5};
  // [scoped]
  auto const by_rest = [](std::int64_t n) {
    return weir::key_by([n](std::int64_t i) { return i % n; }) |
           weir::reduce([](std::int64_t a, std::int64_t b) { return a + b; }) | weir::uid<"sum"> |
           weir::into([](std::int64_t) {}, weir::uid<"out">);
  };
  auto const result = weir::run(
      weir::from(numbers) | weir::branch(weir::scoped<"of 2">(by_rest(2)), weir::scoped<"of 3">(by_rest(3))));
  // [/scoped]
  return result.count("of 2/out", "in") == 5 && result.count("of 3/out", "in") == 5 ? 0 : 1;
}
