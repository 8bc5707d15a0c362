// from: a range, a view, a container of its own, or a callable that says when it has no more.
#include <weir/weir.hpp>

#include <optional>
#include <ranges>
#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3};
  std::vector<int> out;
  // [from]
  weir::run(weir::from(numbers, weir::uid<"numbers">) | weir::into(out));  // refers to it
  weir::run(weir::from(std::views::iota(4, 6)) | weir::into(out));
  weir::run(weir::from(std::vector{6, 7}) | weir::into(out));  // keeps it
  auto const countdown = [n = 3]() mutable { return n > 0 ? std::optional(n--) : std::nullopt; };
  weir::run(weir::from(countdown) | weir::into(out));
  // [/from]
  return out == std::vector{1, 2, 3, 4, 5, 6, 7, 3, 2, 1} ? 0 : 1;
}
