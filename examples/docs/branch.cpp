// branch: one source, several chains. Those that end in into are closed; what the others give goes on together.
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3, 4};
  std::vector<int> odd, out;
  // [branch]
  weir::run(weir::from(numbers) |
            weir::branch(weir::filter([](int i) { return i % 2 == 1; }) | weir::into(odd),
                         weir::map([](int i) { return 10 * i; }), weir::filter([](int i) { return i > 3; })) |
            weir::into(out));
  // [/branch]
  return odd == std::vector{1, 3} && out == std::vector{10, 20, 30, 40, 4} ? 0 : 1;
}
