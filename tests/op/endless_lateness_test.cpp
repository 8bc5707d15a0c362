// Windows that take records for ever: allowed_lateness{duration::max()}.
#include "catch.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace {

// The counts of the windows that a record gives which comes a hundred years behind the watermark.
template <class Assigner>
std::vector<std::int64_t> counts_of_a_late_record(Assigner assigner) {
  auto const chain = weir::key_by([](int) { return 0; }) |
                     weir::window(assigner, weir::allowed_lateness{weir::duration::max()}) |
                     weir::aggregate(weir::count()) | weir::uid<"w">;
  auto t = weir::testing::test_driver<int>(chain);
  weir::duration const now = 24h * 365 * 100;
  t.push(1, at(1s));
  t.push(2, at(now));
  t.watermark(at(now));
  t.take();
  t.push(3, at(2s));
  std::vector<std::int64_t> counts;
  for (auto const& row : t.take()) counts.push_back(row.value["count"_c]);
  CHECK(t.count("w", "late") == 0);
  t.finish();
  return counts;
}

}  // namespace

TEST_CASE("windows with endless lateness take every record") {
  CHECK(counts_of_a_late_record(weir::tumbling_windows{10s}) == std::vector<std::int64_t>{2});
  CHECK(counts_of_a_late_record(weir::tumbling_windows{10s, 3s}) == std::vector<std::int64_t>{2});
  CHECK(counts_of_a_late_record(weir::sliding_windows{10s, 5s}) == std::vector<std::int64_t>{2, 2});
  CHECK(counts_of_a_late_record(weir::sliding_windows{10s, 4s, 1s}) == std::vector<std::int64_t>{2, 2, 2});
  CHECK(counts_of_a_late_record(weir::session_windows{5s}) == std::vector<std::int64_t>{2});
}
