// A job that is started again with other options, or at another time of the clock, loses nothing.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/outbox.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir_test::temp_directory;

struct changed_line {
  std::int64_t n;
};
BOOST_HANA_ADAPT_STRUCT(changed_line, n);

namespace {

constexpr weir::periodic_checkpoints seldom{.every = 1h};

struct timed_item {
  std::int64_t key;
  std::int64_t at;
};

}  // namespace

TEST_CASE("sessions whose allowed lateness is another one after a restart all fire") {
  std::vector<timed_item> const items{{1, 0}, {2, 100}, {1, 500}, {2, 600}, {2, 2'000}, {2, 3'000}, {1, 3'500}};
  for (auto const lateness : {1'000us, 200us, 5'000us, 1us}) {
    CAPTURE(lateness.count());
    temp_directory const d;
    std::vector<std::pair<std::int64_t, std::int64_t>> fired;
    for (int run = 0; run < 2; ++run) {
      weir::job_control const control;
      weir::run(
          weir::from(items, weir::uid<"in">) | weir::inspect([&](timed_item const& i) {
            if (run == 0 && i.at == 100) control.stop();
          }) |
              weir::assign_timestamps([](timed_item const& i) { return weir::from_ticks(i.at); },
                                      weir::monotonous_timestamps{}) |
              weir::key_by([](timed_item const& i) { return i.key; }) |
              weir::window(weir::session_windows{.gap = 10us},
                           weir::allowed_lateness{run == 0 ? 1'000us : lateness}) |
              weir::aggregate(weir::count()) | weir::uid<"sessions"> |
              weir::into(
                  [&](auto const& w) { fired.emplace_back(w["key"_c], weir::ticks(w["window_start"_c])); },
                  weir::uid<"out">),
          weir::lmdb_store{d.path()}, seldom, weir::at_least_once, weir::batch_size{1}, control);
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> expected;
    for (auto const& i : items) expected.emplace_back(i.key, i.at);
    std::ranges::sort(fired);
    std::ranges::sort(expected);
    CHECK(fired == expected);
  }
}

namespace {

// A timer in processing time that is due at once; what it gives goes into a window.
struct by_clock {
  using output = std::int64_t;
  weir::value_state<std::int64_t, "sum"> sum;
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(std::int64_t n, Context& context, Emit const&) {
    sum.get() += n;
    if (n == 50) context.set_processing_timer(context.processing_time());
  }
  template <class Context, class Emit>
  void on_processing_timer(weir::timestamp, Context& context, Emit const& emit) {
    emit(weir::ticks(context.watermark()));
  }
};

}  // namespace

TEST_CASE("timers in processing time that fire right after a restart stand where time was") {
  temp_directory const d;
  std::vector<std::int64_t> counts;
  std::uint64_t late = 0;
  for (int run = 0; run < 2; ++run) {
    weir::job_control const control;
    auto const result = weir::run(
        weir::from(std::views::iota(std::int64_t{0}, std::int64_t{100}), weir::uid<"in">) |
            weir::inspect([&](std::int64_t n) {
              if (run == 0 && n == 50) control.stop();
            }) |
            weir::assign_timestamps([](std::int64_t n) { return weir::from_ticks(n * 1'000); },
                                    weir::monotonous_timestamps{}) |
            weir::key_by([](std::int64_t) { return 1; }) | weir::process<"clock">(by_clock{}) |
            weir::key_by([](std::int64_t) { return 1; }) | weir::window(weir::tumbling_windows{.size = 10ms}) |
            weir::aggregate(weir::count()) | weir::uid<"window"> |
            weir::into([&](auto const& w) { counts.push_back(static_cast<std::int64_t>(w["count"_c])); },
                       weir::uid<"out">),
        weir::lmdb_store{d.path()}, seldom, weir::at_least_once, weir::batch_size{1}, control);
    late += result.count("window", "late");
  }
  CHECK(late == 0);
  CHECK(counts == std::vector<std::int64_t>{1});
}

TEST_CASE("a job from a savepoint that dies before its first checkpoint begins there again, claims or not") {
  temp_directory const d;
  std::vector<std::int64_t> delivered;
  auto const run = [&](char const* state, char const* out, std::int64_t dies, weir::job_control const& control,
                       weir::from_savepoint const& begins) {
    auto const lines = weir::from(std::views::iota(std::int64_t{0}, std::int64_t{100}), weir::uid<"in">) |
                       weir::inspect([dies](std::int64_t n) {
                         if (n == dies) throw std::runtime_error("dies");
                       }) |
                       weir::map([](std::int64_t n) { return changed_line{n}; });
    auto const box =
        weir::outbox{[&](changed_line const& l, weir::outbox_id const&) { delivered.push_back(l.n); }};
    return weir::run(lines | weir::branch(weir::into(weir::csv_file{d.path() / out}, weir::uid<"file">),
                                          weir::into(box, weir::uid<"box">)),
                     weir::lmdb_store{d.path() / state}, seldom, weir::batch_size{5}, control, begins);
  };
  weir::job_control const control;
  auto saved = control.savepoint(d.path() / "save");
  run("one", "one.csv", -1, control, {});
  saved.get();
  delivered.clear();
  weir::from_savepoint const begins{d.path() / "save"};
  for (int again = 0; again < 2; ++again) CHECK_THROWS_WITH(run("two", "two.csv", 80, {}, begins), "dies");
  std::filesystem::remove(d.path() / "save");  // it has been read
  CHECK(run("two", "two.csv", -1, {}, begins).status == weir::outcome::finished);
  CHECK(delivered.size() == 100);
}
