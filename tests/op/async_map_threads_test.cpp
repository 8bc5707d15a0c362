// async_map against map, with threads of its own.
#include <weir/weir.hpp>

#include "catch.hpp"
#include "op/two_streams.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

// Takes as long as it likes, and fails now and then.
struct slow {
  weir_test::left_record operator()(weir_test::left_record const& r) const {
    if (r.id % 3 == 0) std::this_thread::yield();
    if (r.id % 7 == 0 && ++*failures % 2 == 1) throw std::runtime_error("busy");
    return r;
  }
  std::atomic<int>* failures;
};
// Behind a filter, which drops records that move the watermark, and before windows of what windows give.
template <class Op>
auto counted_by(std::vector<weir_test::left_record> const& all, Op const& op, std::vector<std::string>& out) {
  using namespace weir::literals;
  return weir::from(all, weir::uid<"in">) |
         weir::assign_timestamps(&weir_test::left_record::at,
                                 weir::bounded_out_of_orderness{weir_test::left_bound}) |
         weir::filter([](weir_test::left_record const& r) { return r.id % 4 != 1; }) | op |
         weir::key_by(weir_test::left_key) | weir::window(weir::tumbling_windows{10s}, weir::late_to<"late">) |
         weir::aggregate(weir::count()) | weir::uid<"windows"> |
         weir::side<"late">(weir::into(
             [&out](weir_test::left_record const& r) { out.push_back("late " + std::to_string(r.id)); },
             weir::uid<"late">)) |
         weir::key_by([](auto const& w) { return w["key"_c]; }) | weir::window(weir::session_windows{1s}) |
         weir::aggregate(weir::sum([](auto const& w) { return w["count"_c]; })) | weir::uid<"sessions"> |
         weir::into(
             [&out](auto const& w) {
               out.push_back(std::to_string(w["key"_c]) + ": " + std::to_string(w["sum"_c]) + " at " +
                             std::to_string(w["window_end"_c].time_since_epoch().count()));
             },
             weir::uid<"out">);
}

}  // namespace

TEST_CASE(
    "async_map: windows behind it, and windows behind those, are as behind map, whatever the batches, threads "
    "and failures") {
  std::atomic<int> failures = 0;
  auto const same = weir::map([](weir_test::left_record const& r) { return r; });
  std::size_t late = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    auto const all = weir_test::random_streams(seed).left;
    std::vector<std::string> want;
    weir::run(counted_by(all, same, want));
    for (auto const& line : want) late += line.starts_with("late");
    for (std::size_t n : {1, 3, 4096}) {
      CAPTURE(n);
      std::vector<std::string> out;
      weir::run(counted_by(all,
                           weir::async_map<"ask">(
                               slow{&failures},
                               {.capacity = 1 + seed % 9, .threads = 1 + seed % 3, .tries = 5, .pause = 1us}),
                           out),
                weir::batch_size{n});
      REQUIRE(out == want);
    }
  }
  CHECK(late > 0);
}

TEST_CASE("async_map: a run that is stopped with calls under way makes them again") {
  weir_test::temp_directory const folder;
  weir::lmdb_store store{folder / "state"};
  store.map_size = 64 << 20;  // ThreadSanitizer has not much room
  std::vector<int> numbers(100);
  for (int i = 0; i < 100; ++i) numbers[static_cast<std::size_t>(i)] = i;
  std::vector<int> out;
  int runs = 0;
  for (bool done = false; !done; ++runs) {
    std::stop_source stop;
    int left = 23;
    auto const watched = [&](int) {
      if (--left == 0) stop.request_stop();
    };
    auto const twice = [](int n) {
      std::this_thread::sleep_for(1ms);
      return n * 2;
    };
    done = weir::run(weir::from(numbers, weir::uid<"in">) | weir::inspect(watched) |
                         weir::async_map<"twice">(twice, {.capacity = 8, .threads = 2}) |
                         weir::into([&](int n) { out.push_back(n); }, weir::uid<"out">),
                     store, weir::periodic_checkpoints{}, weir::at_least_once, weir::batch_size{4},
                     stop.get_token())
               .status == weir::outcome::finished;
  }
  CHECK(runs > 3);
  REQUIRE(out.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(out[static_cast<std::size_t>(i)] == 2 * i);
}

TEST_CASE("async_map: a stop does not wait for what has not begun") {
  std::vector<int> const numbers(1000, 1);
  std::stop_source stop;
  std::atomic<int> asked = 0;
  auto const ask = [&](int n) {
    if (++asked == 5) stop.request_stop();
    std::this_thread::sleep_for(2ms);
    return n;
  };
  std::vector<int> out;
  auto const result = weir::run(
      weir::from(numbers) | weir::async_map<"ask">(ask, {.capacity = 4, .threads = 1}) | weir::into(out),
      stop.get_token());
  CHECK(result.status == weir::outcome::stopped);
  CHECK(asked < 100);
}

TEST_CASE("async_map: the time in which a call waits for a thread is not its own") {
  std::vector<int> const numbers(60, 1);
  auto const ask = [](int n) {
    std::this_thread::sleep_for(5ms);
    return n;
  };
  std::vector<int> out;  // the last of the first 60 waits for 300 ms
  weir::run(weir::from(numbers) | weir::async_map<"ask">(ask, {.threads = 1, .timeout = 200ms}) |
            weir::into(out));
  CHECK(out.size() == 60);
}

TEST_CASE("async_map: a thread that hangs is left behind by its record") {
  struct sometimes {
    int operator()(int n) const {
      if (n == 3) std::this_thread::sleep_for(100ms);
      return n;
    }
    int on_timeout(int) const { return -1; }
  };
  std::vector<int> out;
  std::vector<int> const numbers{1, 2, 3, 4, 5};
  weir::run(weir::from(numbers) | weir::async_map<"ask">(sometimes{}, {.threads = 2, .timeout = 20ms}) |
            weir::into(out));
  CHECK(out == std::vector<int>{1, 2, -1, 4, 5});
}
