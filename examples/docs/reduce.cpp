// reduce: what a key has come to after every record, or in each window.
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct bid {
  std::string item;
  std::int64_t amount;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<bid> const bids{
      {"vase", 10, noon}, {"lamp", 7, noon + 1s}, {"vase", 8, noon + 2s}, {"vase", 30, noon + 60s}};
  auto const keyed = weir::from(bids) | weir::assign_timestamps(&bid::at, weir::monotonous_timestamps{}) |
                     weir::filter([](bid const& b) { return b.item == "vase"; }) | weir::key_by(&bid::item);
  auto const higher = weir::reduce([](bid a, bid const& b) { return b.amount > a.amount ? b : a; });

  std::vector<std::int64_t> highest_so_far, highest_of_minute;
  weir::run(keyed | higher | weir::map(&bid::amount) | weir::into(highest_so_far));
  weir::run(keyed | weir::window(weir::tumbling_windows{.size = 1min}) | higher |
            weir::map([](auto const& w) { return w["value"_c].amount; }) | weir::into(highest_of_minute));
  return highest_so_far == std::vector<std::int64_t>{10, 10, 30} &&
                 highest_of_minute == std::vector<std::int64_t>{10, 30}
             ? 0
             : 1;
}
