// Windows by the clock: what comes in each second, of lines that have no time of their own.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

struct line {
  std::string host;
  std::string text;
};

int main() {
  // [use]
  auto const each_second =
      weir::key_by(&line::host) | weir::window(weir::by_processing_time(weir::tumbling_windows{.size = 1s})) |
      weir::aggregate(weir::count()) |
      weir::map([](auto const& w) { return w["key"_c] + " " + std::to_string(w["count"_c]); });
  auto const pairs =
      weir::key_by(&line::host) | weir::window(weir::count_windows{.count = 2}) |
      weir::process_window<"pairs", std::string>([](auto const&, std::vector<line> const& lines,
                                                    auto const& emit) { emit(lines[0].text + lines[1].text); });

  auto t = weir::testing::test_driver<line, weir::untimed>(each_second);
  t.push({"a", "x"});
  t.processing_time(at(900ms));
  t.push({"a", "y"});
  t.processing_time(at(1s));  // the window fires
  t.push({"a", "z"});
  t.finish();  // and so does the one that is open at the end of the input
  std::vector<std::string> out;
  for (auto const& row : t.take()) out.push_back(row.value);
  // out is {"a 2", "a 1"}
  // [/use]
  auto u = weir::testing::test_driver<line, weir::untimed>(pairs);
  for (std::string text : {"x", "y", "z"}) u.push({"a", text});
  return out == std::vector<std::string>{"a 2", "a 1"} && u.take() == std::vector<std::string>{"xy"} ? 0 : 1;
}
