// flat_map: any number of records for each, by a callback or as a range.
#include <weir/weir.hpp>

#include <ranges>
#include <string>
#include <string_view>
#include <vector>

int main() {
  std::vector<std::string> const lines{"to be", "or not"};
  std::vector<std::string> words;
  auto const split = [](std::string const& line, auto&& emit) {
    for (auto const word : std::views::split(line, ' ')) emit(std::string(word.begin(), word.end()));
  };
  weir::run(weir::from(lines) | weir::flat_map<std::string>(split) | weir::into(words));

  std::vector<int> const sizes{1, 3};
  std::vector<int> counted;
  weir::run(weir::from(sizes) | weir::flat_map([](int n) { return std::views::iota(0, n); }) |
            weir::into(counted));

  return words == std::vector<std::string>{"to", "be", "or", "not"} && counted == std::vector{0, 0, 1, 2} ? 0
                                                                                                          : 1;
}
