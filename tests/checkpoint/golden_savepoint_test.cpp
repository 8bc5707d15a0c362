// Savepoints of every version of the format, restored for ever: golden/*.save were taken behind record 1,000 of the job below.
// The job may not change. WEIR_WRITE_GOLDEN=name writes one more.
#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir_test::temp_directory;

struct golden_line {
  std::string text;
};
BOOST_HANA_ADAPT_STRUCT(golden_line, text);

struct golden_seen {
  std::int64_t number;
  std::string name;
  std::optional<double> half;
};
BOOST_HANA_ADAPT_STRUCT(golden_seen, number, name, half);

namespace {

// Some keys are longer than LMDB takes.
std::string key_of(std::int64_t n) { return std::string(n % 5 == 0 ? 600 : 3, 'k') + std::to_string(n % 20); }

struct keeping {
  using output = golden_line;
  weir::value_state<golden_seen, "value"> value;
  weir::list_state<std::int64_t, "list"> list;
  weir::map_state<std::string, golden_seen, "map"> map;
  auto states() { return std::tie(value, list, map); }
  template <class Context, class Emit>
  void on_record(std::int64_t n, Context& context, Emit const&) {
    value.update(golden_seen{n, "n" + std::to_string(n), n % 2 ? std::optional(n / 2.0) : std::nullopt});
    if (list.size() == 4) list.clear();
    list.add(n);
    map.put("d" + std::to_string(n % 3), golden_seen{n, "", {}});
    context.set_timer(weir::from_ticks(n + 130));
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp at, Context& context, Emit const& emit) {
    std::ostringstream text;
    text << "timer " << context.key().size() << " " << weir::ticks(at) << " " << value->number << value->name
         << value->half.value_or(-1);
    for (auto n : list) text << " " << n;
    for (auto const& [k, v] : map) text << " " << k << "=" << v.number;
    emit(golden_line{text.str()});
  }
};

auto const as_line = weir::map([](auto const& w) {
  std::ostringstream text;
  text << w["key"_c].size() << " " << weir::ticks(w["window_start"_c]) << " " << weir::ticks(w["window_end"_c])
       << " " << w["count"_c] << " " << w["sum"_c] << " " << w["max"_c];
  return golden_line{text.str()};
});
auto const sums = weir::aggregate(weir::count(), weir::sum(std::identity{}), weir::max(std::identity{}));

struct job {
  std::filesystem::path state, out;

  template <class At, class... Policies>
  weir::run_result run(At at, Policies... policies) const {
    auto const rules = weir::branch(
        weir::process<"process">(keeping{}),
        weir::window(weir::tumbling_windows{weir::duration{100}}, weir::allowed_lateness{weir::duration{30}}) |
            sums | weir::uid<"tumbling"> | as_line,
        weir::window(weir::sliding_windows{weir::duration{90}, weir::duration{30}}) | sums |
            weir::uid<"sliding"> | as_line,
        weir::window(weir::session_windows{weir::duration{15}}) | sums | weir::uid<"sessions"> | as_line,
        weir::window(weir::tumbling_windows{weir::duration{200}}, weir::count_trigger{3}) | sums |
            weir::uid<"triggered"> | as_line);
    auto const pipeline =
        weir::from(std::views::iota(std::int64_t{0}, std::int64_t{2'000}), weir::uid<"numbers">) |
        weir::inspect(at) |
        weir::assign_timestamps([](std::int64_t n) { return weir::from_ticks(n + n * 37 % 50); },
                                weir::bounded_out_of_orderness{weir::duration{40}}) |
        weir::key_by(key_of) | rules | weir::into(weir::csv_file{out}, weir::uid<"out">);
    return weir::run(pipeline, weir::lmdb_store{state}, weir::periodic_checkpoints{.every = 1h},
                     weir::batch_size{1}, policies...);
  }
  std::vector<std::string> lines() const {
    std::istringstream in(weir_test::content(out));
    std::vector<std::string> all;
    std::string line;
    for (std::getline(in, line); std::getline(in, line);) all.push_back(line);
    std::ranges::sort(all);
    return all;
  }
};

std::filesystem::path const golden = std::string(WEIR_SOURCE_DIR) + "/tests/checkpoint/golden";

}  // namespace

TEST_CASE("savepoints of every version of the format are restored") {
  temp_directory const d;
  job const whole{d.path() / "whole", d.path() / "whole.csv"},
      first{d.path() / "first", d.path() / "first.csv"};
  whole.run([](std::int64_t) {});
  weir::job_control const control;
  char const* const name = std::getenv("WEIR_WRITE_GOLDEN");
  first.run(
      [&](std::int64_t n) {
        if (n != 1'000) return;
        if (name != nullptr) control.savepoint(golden / (std::string(name) + ".save"));
        control.stop();
      },
      control);
  std::vector<std::string> const all = whole.lines(), before = first.lines();
  std::vector<std::string> expected;
  std::ranges::set_difference(all, before, std::back_inserter(expected));
  REQUIRE(expected.size() > 500);
  REQUIRE(before.size() > 500);
  REQUIRE(std::ranges::includes(all, before));
  std::size_t restored = 0;
  for (auto const& entry : std::filesystem::directory_iterator(golden)) {
    CAPTURE(entry.path());
    std::string const stem = entry.path().stem().string();
    job const after{d.path() / stem, d.path() / (stem + ".csv")};
    CHECK(after.run([](std::int64_t) {}, weir::from_savepoint{entry.path()}).count("numbers", "out") == 999);
    CHECK(after.lines() == expected);
    ++restored;
  }
  CHECK(restored >= 1);
}
