// describe: the topology of a pipeline as text; basic_metrics counts by the same lines.
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3};
  std::vector<int> out;
  auto const even = weir::filter([](int i) { return i % 2 == 0; });
  auto const job = weir::from(numbers, weir::uid<"numbers">) | weir::branch(even, weir::scoped<"again">(even)) |
                   weir::into(out, weir::uid<"out">);
  auto const result = weir::run(job, weir::basic_metrics{});
  bool const right = weir::describe(job) ==
                         "from(range_source) \"numbers\"\n"
                         "branch\n"
                         "  - filter\n"
                         "  - scoped(again)\n"
                         "      filter\n"
                         "into(container_sink) \"out\"\n" &&
                     result.count("3 filter", "in") == 3 && result.count("5 filter", "out") == 1;
  return right ? 0 : 1;
}
