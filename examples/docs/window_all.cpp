// window_all: windows of a whole stream, without a key. How many orders there are in an hour, and the largest of them.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

struct order {
  std::string shop;
  int amount;
  weir::timestamp at;
};
struct hour {
  weir::timestamp window_start;
  std::uint64_t count;
  int max;
  bool operator==(hour const&) const = default;
};
BOOST_HANA_ADAPT_STRUCT(hour, window_start, count, max);

int main() {
  weir::timestamp const noon{12h};
  std::vector<order> const orders{{"Rome", 50, noon}, {"Oslo", 70, noon + 1min}, {"Rome", 5, noon + 61min}};
  std::vector<hour> hours;
  // [use]
  weir::run(weir::from(orders) | weir::assign_timestamps(&order::at, weir::monotonous_timestamps{}) |
            weir::window_all(weir::tumbling_windows{.size = 1h}) |
            weir::aggregate(weir::count(), weir::max(&order::amount)) |
            weir::map([](auto const& w) { return hour(w); }) | weir::into(hours));
  // [/use]
  return hours == std::vector<hour>{{noon, 2, 70}, {noon + 1h, 1, 5}} ? 0 : 1;
}
