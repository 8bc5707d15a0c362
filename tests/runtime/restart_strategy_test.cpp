// Restart strategies: what they decide, and runs that fail and go on by them.
#include "catch.hpp"
#include "files.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir_test::content;
using weir_test::temp_directory;

struct sum_line {
  std::int64_t sum;
};
BOOST_HANA_ADAPT_STRUCT(sum_line, sum);

namespace {

using time_point = std::chrono::steady_clock::time_point;

static_assert(weir::restart_strategy<weir::no_restart> && weir::restart_strategy<weir::fixed_delay_restart> &&
              weir::restart_strategy<weir::failure_rate_restart> &&
              weir::restart_strategy<weir::exponential_backoff_restart>);

weir::run_failure failure(std::uint64_t count, time_point at = {}, std::uint64_t in_place = 1,
                          std::chrono::nanoseconds ran = 1s) {
  return {at, ran, count, in_place};
}

// Counts per key, checkpoints as often as can be; `fail` is called with each number before it is counted.
struct job {
  temp_directory directory;

  // One type for all of them: to compile it again for each lambda takes long.
  auto pipeline(std::function<void(std::int64_t)> fail) const {
    return weir::from(std::views::iota(std::int64_t{0}, std::int64_t{20'000}), weir::uid<"numbers">) |
           weir::map([fail](std::int64_t n) {
             fail(n);
             return n;
           }) |
           weir::key_by([](std::int64_t n) { return n % 7; }) | weir::reduce(std::plus<>{}) |
           weir::uid<"sums"> | weir::map([](std::int64_t sum) { return sum_line{sum}; }) |
           weir::into(weir::csv_file{directory.path() / "out.csv"}, weir::uid<"out">);
  }
  weir::run_result run(std::function<void(std::int64_t)> fail, auto... policies) const {
    return weir::run(pipeline(std::move(fail)), weir::lmdb_store{directory.path() / "state"},
                     weir::periodic_checkpoints{.every = 100us}, weir::batch_size{64}, policies...);
  }
  std::string output() const { return content(directory.path() / "out.csv"); }
};

std::string undisturbed() {
  job const j;
  j.run([](std::int64_t) {});
  return j.output();
}

}  // namespace

TEST_CASE("no_restart: never") { CHECK_FALSE(weir::no_restart{}.start()(failure(1))); }

TEST_CASE("fixed_delay_restart: so many in the whole run") {
  auto decide = weir::fixed_delay_restart{.attempts = 2, .delay = 3s}.start();
  CHECK(decide(failure(1)) == 3s);
  CHECK(decide(failure(2)) == 3s);
  CHECK_FALSE(decide(failure(3)));
  CHECK_FALSE(weir::fixed_delay_restart{.attempts = 0}.start()(failure(1)));
  CHECK_THROWS_AS(weir::fixed_delay_restart{.delay = -1s}.check(), weir::config_error);
}

TEST_CASE("failure_rate_restart: so many within the last interval") {
  auto decide = weir::failure_rate_restart{.failures = 2, .interval = 10s, .delay = 1s}.start();
  time_point const t{};
  CHECK(decide(failure(1, t)) == 1s);
  CHECK(decide(failure(2, t + 5s)) == 1s);
  CHECK(decide(failure(3, t + 10s)) == 1s);  // the first is out of the interval
  CHECK_FALSE(decide(failure(4, t + 14s)));
  CHECK_THROWS_AS(weir::failure_rate_restart{.interval = 0s}.check(), weir::config_error);
}

TEST_CASE("exponential_backoff_restart: longer and longer, up to the longest, until it has gone well") {
  auto decide =
      weir::exponential_backoff_restart{.initial = 100ms, .longest = 300ms, .multiplier = 2, .jitter = 0}
          .start();
  CHECK(decide(failure(1)) == 100ms);
  CHECK(decide(failure(2)) == 200ms);
  CHECK(decide(failure(3)) == 300ms);
  CHECK(decide(failure(4)) == 300ms);
  CHECK(decide(failure(5, {}, 1, 1h)) == 100ms);
  CHECK(decide(failure(6)) == 200ms);
}

TEST_CASE("exponential_backoff_restart: jitter stays within its part and depends on the seed alone") {
  weir::exponential_backoff_restart const policy{.initial = 1s, .longest = 1s, .jitter = 0.25, .seed = 7};
  auto a = policy.start(), b = policy.start();
  bool differs = false;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    auto const delay = *a(failure(i));
    CHECK(delay == *b(failure(i)));
    CHECK(delay >= 750ms);
    CHECK(delay <= 1250ms);
    differs = differs || delay != 1s;
  }
  CHECK(differs);
}

TEST_CASE("exponential_backoff_restart: input that fails in place ends the run") {
  auto decide = weir::exponential_backoff_restart{.in_place = 2}.start();
  CHECK(decide(failure(1, {}, 1)));
  CHECK(decide(failure(2, {}, 2)));
  CHECK_FALSE(decide(failure(3, {}, 3)));
  CHECK_THROWS_AS(weir::exponential_backoff_restart{.jitter = 2}.check(), weir::config_error);
  CHECK_THROWS_AS((weir::exponential_backoff_restart{.initial = 2s, .longest = 1s}.check()),
                  weir::config_error);
}

TEST_CASE("a run that fails in a function goes back to its last checkpoint: nothing lost, nothing twice") {
  std::string const expected = undisturbed();
  std::vector<std::int64_t> const at{0, 1, 500, 5'000, 5'001, 19'999};
  for (std::size_t restarts = 1; restarts <= at.size(); ++restarts) {
    std::vector<std::int64_t> left(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(restarts));
    job const j;
    auto const result = j.run(
        [&left](std::int64_t n) {
          if (left.empty() || left.front() != n) return;
          left.erase(left.begin());
          throw std::runtime_error("not now");
        },
        weir::fixed_delay_restart{.attempts = at.size(), .delay = 0ns});
    CAPTURE(restarts);
    CHECK(result.restarts == restarts);
    CHECK(result.status == weir::outcome::finished);
    CHECK(j.output() == expected);
    CHECK(result.count("numbers", "out") == 20'000);
    CHECK(result.total("numbers", "out") == 20'000);
  }
}

TEST_CASE("the same input that fails again and again without progress ends the run with its own error") {
  std::uint64_t failures = 0;
  job const j;
  auto const poisoned = [&failures](std::int64_t n) {
    if (n == 10'000) throw std::runtime_error("failure " + std::to_string(++failures));
  };
  // A checkpoint may still be made between the first failures: only then are there more.
  std::uint64_t in_place = 0;
  std::uint64_t at = 0;
  auto const count = weir::observer{[&](weir::run_restarting const& e) {
    in_place = std::exchange(at, e.epoch) == e.epoch ? in_place + 1 : 1;
  }};
  CHECK_THROWS_WITH(
      j.run(poisoned, weir::exponential_backoff_restart{.initial = 0ns, .longest = 0ns, .in_place = 3}, count),
      Catch::Matchers::StartsWith("failure "));
  CHECK(in_place == 3);
  CHECK(failures >= 4);
  j.run([](std::int64_t) {});  // the mended program goes on where the last commit was
  CHECK(j.output() == undisturbed());
}

TEST_CASE("a refusal is not tried again") {
  job const j;
  j.run([](std::int64_t) {});
  std::uint64_t restarts = 0;
  std::string refused;
  auto const other = weir::from(std::views::iota(0, 10), weir::uid<"other">) |
                     weir::map([](int n) { return sum_line{n}; }) |
                     weir::into(weir::csv_file{j.directory.path() / "out.csv"}, weir::uid<"out">);
  CHECK_THROWS_AS(weir::run(other, weir::lmdb_store{j.directory.path() / "state"}, weir::periodic_checkpoints{},
                            weir::fixed_delay_restart{.attempts = 5, .delay = 0ns},
                            weir::observer{[&]<class E>(E const& e) {
                              if constexpr (std::is_same_v<E, weir::run_restarting>) ++restarts;
                              if constexpr (std::is_same_v<E, weir::run_refused>) refused = e.error;
                            }}),
                  weir::restore_error);
  CHECK(restarts == 0);
  CHECK(refused.find("was saved by another pipeline") != std::string::npos);
}

TEST_CASE("a stop that comes while a restart waits ends the run; the next one goes on") {
  job const j;
  weir::job_control const control;
  CHECK_THROWS_WITH(j.run(
                        [](std::int64_t n) {
                          if (n == 3'000) throw std::runtime_error("not now");
                        },
                        weir::fixed_delay_restart{.attempts = 5, .delay = 1h}, control,
                        weir::observer{[&](weir::run_restarting const& e) {
                          CHECK(e.delay == 1h);
                          CHECK(e.error == "not now");
                          control.stop();
                        }}),
                    "not now");
  j.run([](std::int64_t) {});
  CHECK(j.output() == undisturbed());
}
