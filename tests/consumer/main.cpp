// A program outside of weir, as its first user would write it. Built in each of the ways of tests/consumer/.
#include <weir/weir.hpp>

#include <lmdb.h>

#include <fmt/format.h>

#include <boost/hana/adapt_struct.hpp>
#include <chrono>
#include <vector>

struct reading {
  int sensor;
  int value;
  weir::timestamp at;
};

int main() {
  using namespace weir::literals;
  using namespace std::chrono_literals;
  std::vector<reading> const readings{{1, 5, weir::timestamp{1min}},
                                      {2, 1, weir::timestamp{2min}},
                                      {1, 7, weir::timestamp{3min}},
                                      {1, 9, weir::timestamp{11min}}};
  std::vector<std::int64_t> totals;
  auto pipeline = weir::from(readings) |
                  weir::assign_timestamps(&reading::at, weir::bounded_out_of_orderness{5s}) |
                  weir::key_by(&reading::sensor) | weir::window(weir::tumbling_windows{.size = 10min}) |
                  weir::aggregate(weir::sum([](reading const& r) { return std::int64_t{r.value}; })) |
                  weir::map([](auto const& w) -> std::int64_t { return w["sum"_c]; }) | weir::into(totals);
  weir::run(pipeline);

  std::int64_t sum = 0;
  for (auto const total : totals) sum += total;
  fmt::print("weir {}, {}: {} windows, {} in all\n", WEIR_VERSION, mdb_version(nullptr, nullptr, nullptr),
             totals.size(), sum);
  return totals.size() == 3 && sum == 22 ? 0 : 1;
}
