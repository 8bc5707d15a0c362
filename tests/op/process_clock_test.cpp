// Timers in processing time against a naive oracle, by a clock that the test moves.
#include "catch.hpp"
#include "op/differential.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace differential;
using namespace std::chrono_literals;
using weir::testing::at;

namespace {

struct request {
  i64 key, set, remove;  // 0: none
};
struct reminders {
  using output = std::string;
  weir::value_state<i64, "count"> count;
  auto states() { return std::tie(count); }
  template <class Context, class Emit>
  void on_record(request const& o, Context& context, Emit const&) {
    i64 const now = weir::ticks(context.processing_time());
    if (o.set != 0) context.set_processing_timer(weir::from_ticks(now + o.set));
    if (o.remove != 0) context.delete_processing_timer(weir::from_ticks(now + o.remove));
  }
  template <class Context, class Emit>
  void on_processing_timer(weir::timestamp when, Context& context, Emit const& emit) {
    i64 const n = ++count.get();
    emit(fmt::format("{}@{}#{}", context.key(), weir::ticks(when), n));
    if (n % 3 == 0) context.set_processing_timer(when + 7us);
    if (n % 5 == 0) count.clear();
  }
};
constexpr auto by_key = [](request const& o) { return o.key; };

void as_the_oracle(std::uint64_t seed) {
  naive::rng g(seed);
  auto const chain = weir::key_by(by_key) | weir::process<"reminders">(reminders{});
  using driver = decltype(weir::testing::test_driver<request, weir::untimed>(chain));
  auto d = std::make_unique<driver>(chain);
  std::set<std::pair<i64, i64>> timers;
  std::map<i64, i64> count;
  i64 now = 1000;
  d->processing_time(weir::from_ticks(now));
  for (int step = 0; step < 300; ++step) {
    CAPTURE(step);
    std::vector<std::string> want;
    if (naive::one_in(g, 3)) {
      now += 1 + naive::below(g, 30);
      d->processing_time(weir::from_ticks(now));
      while (!timers.empty() && timers.begin()->first <= now) {
        auto const [when, key] = *timers.begin();
        timers.erase(timers.begin());
        i64 const n = ++count[key];
        want.push_back(fmt::format("{}@{}#{}", key, when, n));
        if (n % 3 == 0) timers.insert({when + 7, key});
        if (n % 5 == 0) count[key] = 0;
      }
    } else {
      request const o{naive::below(g, 4), naive::below(g, 40), naive::below(g, 40)};
      d->push(o);
      if (o.set != 0) timers.insert({now + o.set, o.key});
      if (o.remove != 0) timers.erase({now + o.remove, o.key});
    }
    REQUIRE(d->take() == want);
    if (naive::one_in(g, 3)) {
      auto const bytes = d->snapshot();
      d = std::make_unique<driver>(chain, bytes);
      REQUIRE(d->snapshot() == bytes);
      d->processing_time(weir::from_ticks(now));
    }
  }
}

}  // namespace

TEST_CASE("process: timers in processing time, as the oracle has them, across restarts") {
  for_each_seed(100, as_the_oracle);
}

TEST_CASE(
    "process: at the end of the input timers in processing time fire once; what they set is dropped and "
    "counted") {
  auto const chain = weir::key_by(by_key) | weir::process<"reminders">(reminders{});
  auto d = weir::testing::test_driver<request, weir::untimed>(chain);
  d.processing_time(weir::from_ticks(1000));
  for (i64 n : {30, 10, 20}) d.push({1, n, 0});
  CHECK(d.take().empty());
  d.finish();
  CHECK(d.take() == std::vector<std::string>{"1@1010#1", "1@1020#2", "1@1030#3"});
  CHECK(d.count("reminders", "dropped timers") == 1);
}

TEST_CASE("process: what a timer in processing time emits is in time for windows behind it") {
  auto const chain = weir::key_by(by_key) | weir::process<"reminders">(reminders{}) |
                     weir::key_by([](std::string const& s) { return s; }) |
                     weir::window(weir::tumbling_windows{.size = 10s}) | weir::aggregate(weir::count()) |
                     weir::uid<"counts">;
  auto d = weir::testing::test_driver<request>(chain);
  d.push({1, 5, 0}, at(12s));
  d.watermark(at(20s) - weir::tick);
  d.processing_time(at(1s));
  d.watermark(at(30s));
  auto const out = d.take();
  REQUIRE(out.size() == 1);
  CHECK(out[0].value["window_start"_c] == at(20s));
}

namespace {

// A timer that is set for the past fires as soon as it can.
struct at_once {
  using output = std::string;
  auto states() { return std::tuple<>(); }
  template <class Context, class Emit>
  void on_record(i64 n, Context& context, Emit const& emit) {
    emit(fmt::format("record {}", n));
    context.set_processing_timer(weir::from_ticks(n));
  }
  template <class Context, class Emit>
  void on_processing_timer(weir::timestamp when, Context&, Emit const& emit) {
    emit(fmt::format("timer {}", weir::ticks(when)));
  }
};

}  // namespace

TEST_CASE("process: a run fires timers in processing time between batches") {
  std::vector<i64> const in{1, 2, 3};
  std::vector<std::string> out;
  weir::run(
      weir::from(in) | weir::key_by([](i64) { return 0; }) | weir::process<"p">(at_once{}) | weir::into(out),
      weir::batch_size{1});
  CHECK(out == std::vector<std::string>{"record 1", "timer 1", "record 2", "timer 2", "record 3", "timer 3"});
}

TEST_CASE("process: timers in processing time wait through a stop, and fire when the input ends") {
  i64 const hour = 3'600'000'000;
  std::vector<request> const in{{1, 2 * hour, 0}, {2, hour, 0}, {3, 3 * hour, 0}};
  std::vector<std::string> out;
  weir_test::temp_directory folder;
  std::vector<weir::outcome> ends;
  for (int i = 0; i < 4; ++i) {
    std::stop_source stop;
    auto const r = weir::run(
        weir::from(in, weir::uid<"in">) | weir::inspect([&](request const&) { stop.request_stop(); }) |
            weir::key_by(by_key) | weir::process<"reminders">(reminders{}) | weir::into(out, weir::uid<"out">),
        weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
        weir::batch_size{1}, stop.get_token());
    ends.push_back(r.status);
    if (r.status == weir::outcome::finished) break;
    CHECK(out.empty());
  }
  CHECK(ends.size() >= 3);
  CHECK(ends.back() == weir::outcome::finished);
  REQUIRE(out.size() == 3);
  CHECK((out[0].starts_with("2@") && out[1].starts_with("1@") && out[2].starts_with("3@")));
}
