// assigner: windows that grow, that count, and that last as long as each record says.
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct reading {
  std::string machine;
  std::int64_t value;
  weir::duration pause;  // how long this machine may be silent
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<reading> const readings{{"m1", 1, 20min, noon},
                                      {"m1", 2, 20min, noon + 15min},
                                      {"m1", 4, 5min, noon + 34min},
                                      {"m1", 8, 5min, noon + 45min},
                                      {"m1", 16, 5min, noon + 46min}};
  // [use]
  auto const keyed = weir::from(readings) |
                     weir::assign_timestamps(&reading::at, weir::monotonous_timestamps{}) |
                     weir::key_by(&reading::machine);
  auto const sum =
      weir::aggregate(weir::sum(&reading::value)) | weir::map([](auto const& w) { return w["sum"_c]; });

  std::vector<std::int64_t> so_far, sessions, pairs, last_three, total;
  weir::run(keyed | weir::window(weir::cumulative_windows{.size = 1h, .step = 20min}) | sum |
            weir::into(so_far));
  weir::run(keyed | weir::window(weir::dynamic_session_windows{&reading::pause}) | sum | weir::into(sessions));
  weir::run(keyed | weir::window(weir::count_windows{.count = 2}) | sum | weir::into(pairs));
  weir::run(keyed | weir::window(weir::sliding_count_windows{.count = 3, .slide = 1}) | sum |
            weir::into(last_three));
  weir::run(keyed | weir::window(weir::global_windows{}, weir::end_of_stream_trigger{}) | sum |
            weir::into(total));
  // [/use]
  using sums = std::vector<std::int64_t>;
  bool const right = so_far == sums{3, 7, 31} && sessions == sums{7, 24} && pairs == sums{3, 12} &&
                     last_three == sums{1, 3, 7, 14, 28} && total == sums{31};
  return right ? 0 : 1;
}
