// A source of several files: each has time of its own, also when another one has come to its end.
#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/container.hpp>
#include <weir/connector/csv_file.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

namespace {

struct reading {
  std::int64_t at;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(reading, at);

namespace {

template <class Strategy>
std::vector<std::int64_t> late_readings(std::vector<std::filesystem::path> files, std::size_t batch,
                                        Strategy const& strategy) {
  std::vector<std::int64_t> late;
  auto const pipeline =
      weir::from(weir::csv_file<reading>{files}) |
      weir::assign_timestamps([](reading const& r) { return weir::from_ticks(r.at); }, strategy) |
      weir::key_by([](reading const&) { return 0; }) |
      weir::window(weir::tumbling_windows{10us}, weir::late_to<"late">([](reading const& r) { return r.at; })) |
      weir::aggregate(weir::count()) | weir::side<"late">(weir::into(late)) | weir::into([](auto const&) {});
  auto const result = weir::run(pipeline, weir::batch_size{batch});
  CHECK(result.count("", "late") == late.size());
  return late;
}

}  // namespace

TEST_CASE("several files: when one has ended, the others' time goes on") {
  weir_test::temp_directory directory;
  auto const first = directory.path() / "first.csv", second = directory.path() / "second.csv";
  std::ofstream(first) << "at\n1\n2\n";
  std::ofstream(second)
      << "at\n1\n50\n5\n60\n45\n55\n70\n1\n";  // 5, 45, 55 and 1 are of windows that have fired
  for (std::size_t batch : {1, 2, 3, 4096}) {
    CAPTURE(batch);
    weir::monotonous_timestamps const plain;
    weir::with_idleness const patient{plain, 1h};  // nobody waits for a file, so it changes nothing
    CHECK(late_readings({first, second}, batch, plain) == std::vector<std::int64_t>{5, 45, 55, 1});
    CHECK(late_readings({second, first}, batch, plain) == std::vector<std::int64_t>{5, 45, 55, 1});
    CHECK(late_readings({first, second}, batch, patient) == std::vector<std::int64_t>{5, 45, 55, 1});
    CHECK(late_readings({second, first}, batch, patient) == std::vector<std::int64_t>{5, 45, 55, 1});
  }
}
