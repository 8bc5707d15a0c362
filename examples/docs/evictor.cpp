// evictor: which records a window keeps. The most that a car has done in its last ten seconds, with every third reading.
#include <weir/weir.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct speed {
  std::string car;
  int value;
  weir::timestamp at;
};

// [own]
// Keeps what is above half of the best, once the window has fired.
struct keep_the_better {
  static constexpr bool after = true;

  void evict(weir::window_elements<speed>& elements) const {
    int best = 0;
    for (std::size_t i = 0; i < elements.size(); ++i) best = std::max(best, elements.value(i).value);
    elements.drop_if([best](speed const& s, weir::timestamp) { return 2 * s.value <= best; });
  }
};
// [/own]

int main() {
  weir::timestamp const noon{12h};
  std::vector<speed> const speeds{{"c1", 90, noon},       {"c1", 70, noon + 1s},  {"c1", 80, noon + 9s},
                                  {"c1", 60, noon + 10s}, {"c1", 30, noon + 15s}, {"c1", 20, noon + 19s}};
  // [use]
  auto const keyed = weir::from(speeds) | weir::assign_timestamps(&speed::at, weir::monotonous_timestamps{}) |
                     weir::key_by(&speed::car);
  std::vector<int> most;
  weir::run(
      keyed |
      weir::window(weir::global_windows{}, weir::count_trigger{.count = 3}, weir::time_evictor{.size = 10s}) |
      weir::aggregate(weir::max(&speed::value)) | weir::map([](auto const& w) { return w["max"_c]; }) |
      weir::into(most));
  // [/use]
  std::vector<std::uint64_t> held;
  weir::run(keyed | weir::window(weir::global_windows{}, weir::count_trigger{.count = 3}, keep_the_better{}) |
            weir::aggregate(weir::count()) | weir::map([](auto const& w) { return w["count"_c]; }) |
            weir::into(held));
  return most == std::vector<int>{90, 60} && held == std::vector<std::uint64_t>{3, 6} ? 0 : 1;
}
