// assign_timestamps: event time, and a watermark that stays 5 s behind the latest record.
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct reading {
  weir::timestamp at;
  std::int64_t value;
};

int main() {
  weir::timestamp const noon{12h};
  // [time]
  // The second record comes 3 s too late in order, which 5 s allow for; the last one is too late.
  std::vector<reading> const readings{{noon + 11s, 1}, {noon + 8s, 2}, {noon + 30s, 4}, {noon + 1s, 8}};
  std::vector<std::int64_t> sums;
  auto const result = weir::run(
      weir::from(readings) | weir::assign_timestamps(&reading::at, weir::bounded_out_of_orderness{5s}) |
      weir::key_by([](reading const&) { return 0; }) | weir::window(weir::tumbling_windows{.size = 10s}) |
      weir::aggregate(weir::sum(&reading::value)) | weir::uid<"sums"> |
      weir::map([](auto const& w) { return w["sum"_c]; }) | weir::into(sums));
  // [/time]
  return sums == std::vector<std::int64_t>{2, 1, 4} && result.count("sums", "late") == 1 ? 0 : 1;
}
