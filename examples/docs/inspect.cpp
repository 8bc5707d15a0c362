// inspect: watches records pass.
#include <weir/weir.hpp>

#include <algorithm>
#include <vector>

int main() {
  std::vector<int> const numbers{3, 9, 4};
  int largest = 0;
  std::vector<int> out;
  weir::run(weir::from(numbers) | weir::inspect([&largest](int i) { largest = std::max(largest, i); }) |
            weir::into(out));
  return largest == 9 && out == numbers ? 0 : 1;
}
