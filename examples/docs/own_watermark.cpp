// A watermark strategy of our own: time is what the records of one clock say; others cannot push it.
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct tick {
  std::string clock;
  weir::timestamp at;
};

// [strategy]
struct trust_one_clock {
  std::string name;

  static constexpr bool by_maximum = false;  // the largest timestamp of a batch does not say it all
  weir::timestamp observe(weir::timestamp watermark, tick const& t, weir::timestamp at) const {
    return t.clock == name ? std::max(watermark, at - weir::tick) : watermark;
  }
};
// [/strategy]

int main() {
  weir::timestamp const noon{12h};
  std::vector<tick> const ticks{{"gps", noon}, {"wrist", noon + 1h}, {"gps", noon + 1s}, {"gps", noon + 10s}};
  std::vector<std::int64_t> counts;
  auto const result = weir::run(weir::from(ticks) | weir::assign_timestamps(&tick::at, trust_one_clock{"gps"}) |
                                weir::key_by([](tick const&) { return 0; }) |
                                weir::window(weir::tumbling_windows{.size = 10s}) |
                                weir::aggregate(weir::count()) | weir::uid<"ticks"> |
                                weir::map([](auto const& w) { return w["count"_c]; }) | weir::into(counts));
  return counts == std::vector<std::int64_t>{2, 1, 1} && result.count("ticks", "late") == 0 ? 0 : 1;
}
