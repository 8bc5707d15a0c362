// filter: the records for which p(record) is true.
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3, 4};
  std::vector<int> even;
  weir::run(weir::from(numbers) | weir::filter([](int i) { return i % 2 == 0; }) | weir::into(even));
  return even == std::vector{2, 4} ? 0 : 1;
}
