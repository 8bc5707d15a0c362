// job_control, stop_on_signal and observer: what can be asked of a run while it goes on, and what it tells.
#include "catch.hpp"
#include "error_of.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <csignal>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <future>
#include <limits>
#include <ranges>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir_test::error_of;
using weir_test::temp_directory;

struct line {
  std::int64_t n;
};
BOOST_HANA_ADAPT_STRUCT(line, n);

namespace {

// Windows of a thousand numbers each over input that never ends by itself; at(n) is called with each number.
struct endless {
  temp_directory directory;

  // One type for all of them: to compile it again for each lambda takes long.
  auto pipeline(std::function<void(std::int64_t)> at) const {
    return weir::from(std::views::iota(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()),
                      weir::uid<"numbers">) |
           weir::inspect(at) |
           weir::assign_timestamps([](std::int64_t n) { return weir::from_ticks(n); },
                                   weir::monotonous_timestamps{}) |
           weir::key_by([](std::int64_t) { return 0; }) |
           weir::window(weir::tumbling_windows{.size = weir::duration{1'000}}) |
           weir::aggregate(weir::count()) | weir::uid<"counts"> |
           weir::into(weir::csv_file{directory.path() / "out.csv"}, weir::uid<"out">);
  }
  weir::run_result run(std::function<void(std::int64_t)> at, auto... policies) const {
    return weir::run(pipeline(std::move(at)), policies...);
  }
  auto store() const { return weir::lmdb_store{directory.path() / "state"}; }
  // How many records the windows that are there hold.
  std::int64_t counted() const {
    std::ifstream in(directory.path() / "out.csv");
    std::int64_t all = 0;
    std::string line;
    for (std::getline(in, line); std::getline(in, line);) all += std::stoll(line.substr(line.rfind(',') + 1));
    return all;
  }
};
constexpr weir::periodic_checkpoints seldom{.every = 1h};

}  // namespace

TEST_CASE("job_control::checkpoint: one on demand, and what is given holds its epoch") {
  endless const e;
  weir::job_control const control;
  weir::pending_checkpoint first, second, third;
  std::vector<std::uint64_t> seen;
  auto const result = e.run(
      [&](std::int64_t n) {
        if (n == 10'000) first = control.checkpoint(), second = control.checkpoint();
        if (n > 10'000 && !third.valid() && first.ready()) third = control.checkpoint();
        if (third.valid() && third.ready()) control.stop();
      },
      e.store(), seldom, control,
      weir::observer{[&](weir::checkpoint_completed const& c) { seen.push_back(c.epoch); }});
  CHECK(result.status == weir::outcome::stopped);
  CHECK(first.get() == 1);
  CHECK(second.get() == 1);  // both asked before the same barrier
  CHECK(third.get() == 2);
  CHECK(result.checkpoints == 3);  // the last is that of the stop
  CHECK(seen == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("job_control: who asks a run that makes no checkpoints, or that is over, hears so") {
  endless const e;
  weir::job_control const control;
  auto early = control.checkpoint();
  weir::pending_checkpoint late;
  e.run(
      [&](std::int64_t n) {
        if (n == 20'000) control.drain();
      },
      control);
  CHECK(error_of([&] { early.get(); }).find("makes no checkpoints") != std::string::npos);
  late = control.checkpoint();
  CHECK(error_of([&] { late.get(); }).find("the run has ended") != std::string::npos);
}

TEST_CASE("job_control::stop invents no watermark: the next run goes on; drain fires everything for good") {
  endless const e;
  std::int64_t stopped_at = 0;
  {
    weir::job_control const control;
    auto const result = e.run(
        [&](std::int64_t n) {
          stopped_at = n;
          if (n == 5'500) control.stop();
        },
        e.store(), seldom, control, weir::batch_size{100});
    CHECK(result.status == weir::outcome::stopped);
    CHECK(result.count("numbers", "out") == static_cast<std::uint64_t>(stopped_at + 1));
    CHECK(e.counted() == (stopped_at + 1) / 1'000 * 1'000);  // whole windows only
  }
  std::int64_t first = -1, last = 0;
  {
    weir::job_control const control;
    auto const result = e.run(
        [&](std::int64_t n) {
          if (first < 0) first = n;
          last = n;
          if (n == 7'700) control.drain();
        },
        e.store(), seldom, control, weir::batch_size{100});
    CHECK(result.status == weir::outcome::finished);
    CHECK(first == stopped_at + 1);
    CHECK(e.counted() == last + 1);
  }
  CHECK(e.run([](std::int64_t) { FAIL("nothing is left to process"); }, e.store(), seldom).status ==
        weir::outcome::already_finished);
}

TEST_CASE("stop_on_signal: SIGTERM and SIGINT stop the run, and mean afterwards what they did before") {
  for (int const which : {SIGTERM, SIGINT}) {
    CAPTURE(which);
    struct sigaction before {
    }, after{};
    ::sigaction(which, nullptr, &before);
    endless const e;
    for (int again = 0; again < 2; ++again) {
      auto const result = e.run(
          [which, raised = std::make_shared<bool>(false)](std::int64_t n) {
            if (n % 10'000 == 9'999 && !std::exchange(*raised, true)) std::raise(which);
          },
          e.store(), seldom, weir::stop_on_signal{});
      CHECK(result.status == weir::outcome::stopped);
    }
    ::sigaction(which, nullptr, &after);
    CHECK(before.sa_handler == after.sa_handler);
  }
}

TEST_CASE("checkpoints that fail for want of space are tolerated so many times in a row") {
  endless const e;
  temp_directory const small;
  std::vector<std::uint64_t> failed;
  std::string why;
  auto const pipeline =
      weir::from(std::views::iota(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()), weir::uid<"n">) |
      weir::key_by([](std::int64_t n) { return n; }) | weir::reduce(std::plus<>{}) | weir::uid<"sums"> |
      weir::filter([](std::int64_t) { return false; }) | weir::map([](std::int64_t n) { return line{n}; }) |
      weir::into(weir::csv_file{small.path() / "out.csv"}, weir::uid<"out">);
  CHECK_THROWS_WITH(
      weir::run(pipeline, weir::lmdb_store{.directory = small.path() / "state", .map_size = 1 << 20},
                weir::periodic_checkpoints{.every = 1ms, .tolerable_failures = 2},
                weir::observer{[&](weir::checkpoint_failed const& f) {
                  failed.push_back(f.in_a_row);
                  why = f.error;
                }}),
      Catch::Matchers::Contains("the store is at its cap"));
  CHECK(failed == std::vector<std::uint64_t>{1, 2});
  CHECK(why.find("the store is at its cap") != std::string::npos);
}

TEST_CASE("a stop does not wait to repeat a checkpoint that failed for want of space") {
  temp_directory const small;
  weir::job_control const control;
  bool const before_the_failure = GENERATE(true, false);
  std::uint64_t failed = 0;
  auto const pipeline =
      weir::from(std::views::iota(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()), weir::uid<"n">) |
      weir::inspect([&](std::int64_t n) {
        if (n == 200'000 && before_the_failure) control.stop();
      }) |
      weir::key_by([](std::int64_t n) { return n; }) | weir::reduce(std::plus<>{}) | weir::uid<"sums"> |
      weir::into([](std::int64_t) {}, weir::uid<"out">);
  CHECK_THROWS_WITH(
      weir::run(pipeline,
                weir::lmdb_store{.directory = small.path() / "state", .map_size = 1 << 20, .memory = 1 << 24},
                weir::periodic_checkpoints{.every = 1h, .tolerable_failures = 1'000}, weir::at_least_once,
                control, weir::observer{[&](weir::checkpoint_failed const&) {
                  ++failed;
                  control.stop();
                }}),
      Catch::Matchers::Contains("the store is at its cap"));
  CHECK(failed <= 1);
}

namespace {

// A sink whose segments become durable when the test says so.
struct slow_sink {
  static constexpr weir::delivery guarantee = weir::delivery::staged;
  template <class T>
  static constexpr bool accepts = true;
  std::function<void()> before_durable;

  template <class T>
  struct writer {
    std::function<void()> before_durable;
    writer(slow_sink const& s, weir::sink_context const&) : before_durable(s.before_durable) {}
    struct kernel {
      template <class V, class Time>
      void operator()(V const&, Time) {}
    };
    kernel open() { return {}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}
    void recover(std::optional<std::string_view>, std::uint64_t) {}
    weir::sink_segment close_segment(std::uint64_t) {
      return {"", before_durable, [] {}};
    }
  };
};

}  // namespace

TEST_CASE("a checkpoint that takes longer than its timeout counts as failed, and is waited for") {
  for (std::uint64_t const tolerable : {1u, 0u}) {
    CAPTURE(tolerable);
    temp_directory const directory;
    std::promise<void> disk_works;
    std::shared_future<void> const working(disk_works.get_future());
    weir::job_control const control;
    std::vector<std::uint64_t> failed, completed;
    auto const run = [&] {
      return weir::run(
          weir::from(std::views::iota(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()),
                     weir::uid<"n">) |
              weir::into(slow_sink{[working] { working.wait(); }}, weir::uid<"out">),
          weir::lmdb_store{directory.path()},
          weir::periodic_checkpoints{.every = 1ms, .timeout = 1ms, .tolerable_failures = tolerable}, control,
          weir::observer{[&]<class E>(E const& e) {
            if constexpr (std::is_same_v<E, weir::checkpoint_failed>) {
              failed.push_back(e.in_a_row);
              CHECK(e.error.find("periodic_checkpoints::timeout") != std::string_view::npos);
              disk_works.set_value();
            }
            if constexpr (std::is_same_v<E, weir::checkpoint_completed>) {
              if (completed.empty()) control.stop();
              completed.push_back(e.epoch);
            }
          }});
    };
    if (tolerable > 0) {
      auto const result = run();
      CHECK(result.failed_checkpoints == 1);
      CHECK(failed == std::vector<std::uint64_t>{1});
      CHECK(completed == std::vector<std::uint64_t>{1, 2});
    } else {
      // The run has to wait for its own thread before it can throw.
      std::jthread const later([&] { disk_works.set_value(); });
      try {
        run();
      } catch (weir::store_error const& e) {
        CHECK(std::string(e.what()).find("was not durable after") != std::string::npos);
      }
    }
  }
}

TEST_CASE("observer: hears of the start, on new state and on what is left") {
  endless const e;
  std::vector<std::uint64_t> starts;
  for (int again = 0; again < 2; ++again) {
    weir::job_control const control;
    e.run(
        [&](std::int64_t n) {
          if (n % 1'000 == 999) control.stop();
        },
        e.store(), seldom, control,
        weir::observer{[&](weir::run_started const& s) { starts.push_back(s.epoch); }});
  }
  CHECK(starts == std::vector<std::uint64_t>{0, 1});
}
