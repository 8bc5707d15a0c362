// into: a container, a callable or an ostream can be a sink, as the nouns for files and the like are.
#include <weir/weir.hpp>

#include <sstream>
#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3};
  std::vector<int> kept;
  int sum = 0, folded = 0;
  std::ostringstream text;
  // [into]
  auto const result =
      weir::run(weir::from(numbers) |
                weir::branch(weir::into(kept, weir::uid<"kept">), weir::into([&sum](int i) { sum += i; }),
                             weir::into(weir::fold{&folded}), weir::into(text)));
  // [/into]
  return kept == numbers && sum == 6 && folded == 6 && text.str() == "1\n2\n3\n" &&
                 result.count("kept", "in") == 3
             ? 0
             : 1;
}
