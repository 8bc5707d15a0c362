// map: f(record) for each record.
#include <weir/weir.hpp>

#include <string>
#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3};
  std::vector<std::string> out;
  weir::run(weir::from(numbers) | weir::map([](int i) { return std::to_string(i * i); }) | weir::into(out));
  return out == std::vector<std::string>{"1", "4", "9"} ? 0 : 1;
}
