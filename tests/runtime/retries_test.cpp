// Sinks that fail for a while, and records that sinks refuse.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/outbox.hpp>
#include <weir/connector/part_files.hpp>
#include <weir/weir.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using weir_test::temp_directory;

struct retried_number {
  std::int64_t n;
};
BOOST_HANA_ADAPT_STRUCT(retried_number, n);

namespace {

// Staged: its target is a string, and publishing fails as long as `fail` says so.
struct target {
  std::string text;
  std::atomic<int> published{0};
  std::function<void(int)> fail = [](int) {};
};
struct string_sink {
  static constexpr weir::delivery guarantee = weir::delivery::staged;
  template <class T>
  static constexpr bool accepts = std::is_same_v<T, std::int64_t>;
  target* to;

  template <class T>
  class writer {
   public:
    writer(string_sink const& sink, weir::sink_context const&) : to_(sink.to) {}
    struct kernel {
      std::string* lines;
      void operator()(std::int64_t n, auto) { *lines += std::to_string(n) + '\n'; }
    };
    kernel open() { return {&lines_}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}
    weir::sink_segment close_segment(std::uint64_t) {
      std::string segment = std::to_string(offset_) + ' ' + lines_;
      auto const publish = [to = to_, offset = offset_, lines = lines_] { write(*to, offset, lines); };
      offset_ += lines_.size();
      lines_.clear();
      return {std::move(segment), [] {}, publish};
    }
    void recover(std::optional<std::string_view> segment, std::uint64_t) {
      if (!segment) return;
      std::size_t const space = segment->find(' ');
      offset_ = std::stoul(std::string(segment->substr(0, space)));
      std::string const lines(segment->substr(space + 1));
      write(*to_, offset_, lines);
      offset_ += lines.size();
    }

   private:
    // Half of it is there when it fails.
    static void write(target& to, std::size_t offset, std::string const& lines) {
      to.text.resize(offset);
      to.text += lines.substr(0, lines.size() / 2);
      to.fail(++to.published);
      to.text += lines.substr(lines.size() / 2);
    }
    target* to_;
    std::string lines_;
    std::size_t offset_ = 0;
  };
};

constexpr std::int64_t numbers = 5'000;
std::string all_numbers() {
  std::string text;
  for (std::int64_t n = 0; n < numbers; ++n) text += std::to_string(n) + '\n';
  return text;
}

struct retry_job {
  temp_directory directory;
  std::chrono::nanoseconds every = 1ms;
  target to;

  template <class... Policies>
  weir::run_result run(weir::retries r, Policies... policies) {
    return weir::run(weir::from(std::views::iota(std::int64_t{0}, numbers), weir::uid<"numbers">) |
                         weir::into(string_sink{&to}, weir::uid<"out">, r),
                     weir::lmdb_store{directory.path() / "state"}, weir::periodic_checkpoints{.every = every},
                     weir::batch_size{16}, policies...);
  }
};

}  // namespace

TEST_CASE("retries: publishing is tried again until it works, and the observer hears of each try") {
  retry_job job;
  job.to.fail = [](int n) {
    if (n % 3 != 0) throw std::runtime_error("try " + std::to_string(n));
  };
  std::vector<std::string> heard;
  std::vector<std::uint64_t> tries;
  auto const result =
      job.run({.first = 10us, .longest = 100us}, weir::observer{[&](weir::connector_retrying const& r) {
                CHECK(r.uid == "out");
                CHECK(r.delay > 0ns);
                CHECK(r.delay < 200us);
                heard.emplace_back(r.error);
                tries.push_back(r.tries);
              }});
  CHECK(job.to.text == all_numbers());
  CHECK(job.to.published == static_cast<int>(3 * result.checkpoints));
  REQUIRE(heard.size() == 2 * result.checkpoints);
  CHECK(heard[0] == "try 1");
  CHECK(heard[1] == "try 2");
  CHECK(heard.back() == "try " + std::to_string(3 * result.checkpoints - 1));
  CHECK(tries[0] == 1);
  CHECK(tries[1] == 2);
}

TEST_CASE("retries: the observer hears of them also while the run waits for its last checkpoint") {
  retry_job job;
  job.every = 1h;
  std::atomic<bool> heard{false};
  job.to.fail = [&](int) {
    if (!heard) throw std::runtime_error("away");
  };
  job.run({.for_at_most = 1h, .first = 1ms, .longest = 1ms},
          weir::observer{[&](weir::connector_retrying const&) { heard = true; }});
  CHECK(job.to.text == all_numbers());
}

TEST_CASE("retries: when the budget is spent the run fails, and the next one goes on with nothing lost") {
  retry_job job;
  job.to.fail = [](int) { throw std::runtime_error("away"); };
  int heard = 0;
  CHECK_THROWS_WITH(job.run({.for_at_most = 5ms, .first = 100us, .longest = 1ms},
                            weir::observer{[&](weir::connector_retrying const&) { ++heard; }}),
                    "away");
  CHECK(heard >= 2);
  CHECK(job.to.published >= 3);
  job.to.fail = [](int) {};
  job.run({});
  CHECK(job.to.text == all_numbers());
}

TEST_CASE("retries: a run that is to stop tries nothing again, and the next one publishes what is committed") {
  retry_job job;
  bool const at_the_end =
      GENERATE(true, false);  // stopped while records go on, or while the run waits for its last commit
  job.every = at_the_end ? std::chrono::nanoseconds{1h} : 1ms;
  weir::job_control const control;
  std::stop_source stop;
  bool const by_token = GENERATE(true, false);
  job.to.fail = [&](int n) {
    if (n == 2) by_token ? static_cast<void>(stop.request_stop()) : control.stop();
    throw std::runtime_error("away " + std::to_string(n));
  };
  weir::retries const for_long{.for_at_most = 1h, .first = 1ms, .longest = 1h};
  CHECK_THROWS_WITH(job.run(for_long, control, stop.get_token()), "away 2");
  job.to.fail = [](int) {};
  job.run(for_long);
  CHECK(job.to.text == all_numbers());
}

TEST_CASE("retries: a stop ends a long pause, also with a restart strategy and of an outbox") {
  temp_directory const directory;
  weir::job_control const control;
  std::vector<std::int64_t> out;
  bool away = true;
  auto const deliver = [&](std::int64_t n, weir::outbox_id const&) {
    if (away) throw std::runtime_error("the service is away");
    out.push_back(n);
  };
  auto const run = [&](auto... policies) {
    weir::run(weir::from(std::views::iota(std::int64_t{0}, std::int64_t{5}), weir::uid<"numbers">) |
                  weir::into(weir::outbox{deliver, {.retry_for = 1h}}, weir::uid<"posts">),
              weir::lmdb_store{directory.path() / "state"}, weir::periodic_checkpoints{}, policies...);
  };
  int heard = 0;
  weir::observer const stops{[&](weir::connector_retrying const&) {
    if (++heard == 3) control.stop();
  }};
  CHECK_THROWS_WITH(run(control, stops, weir::fixed_delay_restart{.attempts = 100}),
                    weir_test::contains("the service is away; tried"));
  CHECK(out.empty());
  away = false;
  run();
  CHECK(out == std::vector<std::int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("retries: a stop ends a pause of an hour") {
  retry_job job;
  job.every = 1h;
  job.to.fail = [](int) { throw std::runtime_error("away"); };
  weir::job_control const control;
  CHECK_THROWS_WITH(job.run({.for_at_most = 2h, .first = 1h, .longest = 1h}, control,
                            weir::observer{[&](weir::connector_retrying const&) { control.stop(); }}),
                    "away");
}

TEST_CASE("retries: not after a failed sync, nor where the state or the program is wrong, nor without them") {
  auto const tries_after = [](auto const& error, weir::retries r) {
    retry_job job;
    job.to.fail = [&](int n) {
      if (n == 1) throw error;
    };
    CHECK_THROWS(job.run(r));
    return job.to.published.load();
  };
  CHECK(tries_after(weir::detail::failed_sync<weir::connector_error>("sync"), {}) == 1);
  CHECK(tries_after(weir::restore_error("damaged"), {}) == 1);
  CHECK(tries_after(weir::store_error("disk"), {}) == 1);
  CHECK(tries_after(std::runtime_error("any"), {.for_at_most = 0s}) == 1);
  retry_job job;
  CHECK_THROWS_AS(job.run({.first = 2s, .longest = 1s}), weir::config_error);
}

TEST_CASE("retries: records go on while the folder of a file is away") {
  temp_directory const directory;
  auto const folder = directory.path() / "out", away = directory.path() / "away";
  std::filesystem::create_directory(folder);
  std::stop_source stop;
  std::int64_t seen = 0, seen_when_heard = 0;
  std::uint64_t heard = 0;
  auto const result =
      weir::run(weir::from(std::views::iota(std::int64_t{0}, std::int64_t{1} << 40), weir::uid<"numbers">) |
                    weir::inspect([&](std::int64_t n) {
                      seen = n;
                      if (n == 50'000) std::filesystem::rename(folder, away);
                    }) |
                    weir::filter([](std::int64_t n) { return n % 16 == 0; }) |
                    weir::map([](std::int64_t n) { return retried_number{n}; }) |
                    weir::into(weir::csv_file{folder / "out.csv"}, weir::uid<"out">,
                               weir::retries{.first = 1ms, .longest = 5ms}),
                weir::lmdb_store{directory.path() / "state"}, weir::periodic_checkpoints{.every = 1ms},
                weir::batch_size{64}, stop.get_token(), weir::observer{[&]<class Event>(Event const& e) {
                  if constexpr (std::is_same_v<Event, weir::connector_retrying>) {
                    CHECK(std::string(e.error).find("out.csv") != std::string::npos);
                    if (++heard == 3) {
                      seen_when_heard = seen;
                      std::filesystem::rename(away, folder);
                    }
                  } else if constexpr (std::is_same_v<Event, weir::checkpoint_completed>) {
                    if (heard >= 3) stop.request_stop();
                  }
                }});
  CHECK(result.status == weir::outcome::stopped);
  CHECK(seen_when_heard > 50'000);
  std::ifstream in(folder / "out.csv");
  std::string line;
  std::getline(in, line);
  std::int64_t expected = 0;
  bool right = true;
  for (; std::getline(in, line); expected += 16) right = right && line == std::to_string(expected);
  CHECK(right);
  CHECK(expected > seen_when_heard);
  CHECK(static_cast<std::uint64_t>(expected) == 16 * result.total("out", "in"));
}

TEST_CASE("finished part files that got their names before a failure are not missed when it is tried again") {
  temp_directory const directory;
  weir::detail::part_segment segment;
  segment.place.directory = directory.path();
  segment.place.who = "test";
  for (std::uint64_t number : {1, 2}) {
    segment.pending.push_back({.bucket = "", .number = number});
    std::ofstream(segment.place.in_progress("", number)) << number;
  }
  auto const in_the_way = segment.place.finished("", 2);
  std::filesystem::create_directories(in_the_way + "/full");
  CHECK_THROWS_AS(segment.publish(), weir::connector_error);
  std::filesystem::remove_all(in_the_way);
  segment.publish();
  CHECK(std::filesystem::exists(segment.place.finished("", 1)));
  CHECK(std::filesystem::exists(segment.place.finished("", 2)));
}

TEST_CASE("the observer hears of what an outbox tries again") {
  temp_directory const directory;
  std::vector<std::int64_t> out;
  int outages = 2;
  std::vector<std::string> heard;
  auto const deliver = [&](std::int64_t n, weir::outbox_id const&) {
    if (n == 3 && outages-- > 0) throw std::runtime_error("the service is away");
    out.push_back(n);
  };
  weir::run(weir::from(std::views::iota(std::int64_t{0}, std::int64_t{5}), weir::uid<"numbers">) |
                weir::into(weir::outbox{deliver}, weir::uid<"posts">),
            weir::lmdb_store{directory.path() / "state"}, weir::periodic_checkpoints{},
            weir::observer{[&](weir::connector_retrying const& r) {
              heard.push_back(std::string(r.uid) + ": " + std::string(r.error));
            }});
  CHECK(out == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(heard == std::vector<std::string>(2, "posts: the service is away"));
}

TEST_CASE("into(f, failed_to<name>): a record that f refuses by throwing goes to the side output") {
  std::vector<int> const in{1, 2, 3, 4, 5, 6};
  for (std::size_t batch : {1, 2, 3, 7, 4096}) {
    std::vector<int> taken;
    std::vector<weir::failed_record<int>> bad;
    auto const f = [&](int n) {
      if (n % 3 == 0) throw std::runtime_error("three");
      taken.push_back(n);
    };
    auto const result = weir::run(weir::from(in) | weir::into(f, weir::uid<"f">, weir::failed_to<"bad">) |
                                      weir::side<"bad">(weir::into(bad)),
                                  weir::batch_size{batch});
    CHECK(taken == std::vector<int>{1, 2, 4, 5});
    REQUIRE(bad.size() == 2);
    CHECK(bad[1] == weir::failed_record<int>{"f", "three", std::nullopt, 6});
    CHECK(result.count("f", "in") == 4);
    CHECK(result.count("f", "failed") == 2);
    auto const skipped = weir::run(weir::from(in) | weir::into(f, weir::skip_failed), weir::batch_size{batch});
    CHECK(skipped.count("", "failed") == 2);
  }
}

TEST_CASE("a side output of a sink that fails is not the sink's") {
  std::vector<int> const in{1, 2, 3};
  auto const refuse = [](int) { throw std::runtime_error("no"); };
  CHECK_THROWS_WITH(weir::run(weir::from(in) | weir::into(refuse, weir::failed_to<"bad">) |
                              weir::side<"bad">(weir::into(
                                  [](auto const&) { throw std::runtime_error("the letter box is full"); }))),
                    "the letter box is full");
  auto const result = weir::run(weir::from(in) |
                                weir::branch(weir::into(refuse, weir::failed_to<"bad">) | weir::discard<"bad">,
                                             weir::filter([](int n) { return n > 2; })) |
                                weir::into(refuse, weir::skip_failed));
  CHECK(result.count("bad", "discarded") == 3);
  CHECK(result.count("", "failed") == 4);
  CHECK(weir::describe(weir::from(in) | weir::into(refuse, weir::failed_to<"bad">) | weir::discard<"bad">)
            .find("into(callable_sink, failed_to bad)\ndiscard(bad)\n") != std::string::npos);
}
