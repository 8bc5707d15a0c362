// early_late: what a window holds so far, before it ends and when something comes late; two triggers as one.
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct click {
  std::string page;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<click> const clicks{
      {"a", noon}, {"a", noon + 1s}, {"a", noon + 2s}, {"b", noon + 61s}, {"a", noon + 3s}};
  std::vector<std::uint64_t> counts;
  // [use]
  auto const early_and_late = weir::either_trigger(weir::count_trigger{.count = 2}, weir::event_time_trigger{});
  weir::run(weir::from(clicks) | weir::assign_timestamps(&click::at, weir::monotonous_timestamps{}) |
            weir::key_by(&click::page) |
            weir::window(weir::tumbling_windows{.size = 1min}, early_and_late, weir::allowed_lateness{1h}) |
            weir::aggregate(weir::count()) | weir::map([](auto const& w) { return w["count"_c]; }) |
            weir::into(counts));
  // [/use]
  // Page a: 2 early, 3 when the minute is over, 4 with the late one; then page b.
  return counts == std::vector<std::uint64_t>{2, 3, 4, 1} ? 0 : 1;
}
