// with_idleness: splits that are quiet hold time back no longer. Between what assign_timestamps says and what stands here as
// rules, nothing may differ; each record shows the watermark that it is judged by, each timer the one that was delivered.
#include "catch.hpp"
#include "error_of.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;
using weir_test::error_of;

namespace {

struct reading {
  std::int64_t second;
  weir::timestamp when() const { return at(second * 1s); }
};
std::string in_seconds(weir::timestamp t) {
  return t == weir::min_time ? "-" : std::to_string(weir::ticks(t + weir::tick) / 1'000'000);
}
// "5<3": a record at 5 s, judged by the watermark 3 s - 1 us. "!5": the timer that it set has fired.
struct showing {
  using output = std::string;
  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const& emit) {
    emit(std::to_string(r.second) + "<" + in_seconds(context.watermark()));
    context.set_timer(r.when());
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp when, Context&, Emit const& emit) {
    emit("!" + std::to_string(weir::ticks(when) / 1'000'000));
  }
};
auto chain() {
  return weir::filter([](reading const& r) { return r.second >= 0; }) |
         weir::assign_timestamps(&reading::when, weir::with_idleness{weir::monotonous_timestamps{}, 30s}) |
         weir::key_by([](reading const&) { return 0; }) | weir::process<"showing">(showing{});
}
template <class Driver>
std::string taken(Driver& t) {
  std::string all;
  for (auto const& one : t.take()) all += (all.empty() ? "" : " ") + one.value;
  return all;
}

}  // namespace

TEST_CASE("with_idleness: a quiet split holds time back until it has been waited for longer than the timeout") {
  auto t = weir::testing::test_driver<reading, weir::untimed>(chain());
  t.splits(2);
  t.push_to_split(0, {10});
  t.push_to_split(1, {3});
  CHECK(taken(t) == "10<- 3<-");
  t.push_to_split(0, {20});
  CHECK(taken(t) == "20<3");  // and 3 waits for another one at 3 s or more
  t.processing_time(at(20s));
  t.push_to_split(0, {21});
  t.processing_time(at(30s));
  CHECK(taken(t) == "21<3");
  t.processing_time(at(30s) + weir::tick);  // strictly more: split 1 only, the other had a record at 20 s
  CHECK(taken(t) == "!3 !10 !20");
  t.push_to_split(0, {25});
  CHECK(taken(t) == "25<21 !21");
  // It comes back: late by the rules, behind, and in nobody's way until it has caught up.
  t.push_to_split(1, {4});
  CHECK(taken(t) == "4<25");
  t.push_to_split(0, {40});
  CHECK(taken(t) == "40<25 !4 !25");
  t.push_to_split(1, {39});
  CHECK(taken(t) == "39<40");
  t.push_to_split(1, {41});
  t.push_to_split(0, {60});
  CHECK(taken(t) == "41<40 60<40 !39 !40");
  t.push_to_split(1, {50});
  CHECK(taken(t) == "50<41 !41");
  t.finish();
  CHECK(taken(t) == "!50 !60");
}

TEST_CASE(
    "with_idleness: when all splits are idle, time is where the furthest is; an end is no reason to go "
    "further") {
  auto t = weir::testing::test_driver<reading, weir::untimed>(chain());
  t.splits(3);
  t.push_to_split(0, {10});
  t.push_to_split(1, {50});
  t.push_to_split(2, {30});
  CHECK(taken(t) == "10<- 50<- 30<-");
  t.finish_split(0);
  CHECK(taken(t) == "!10");
  t.processing_time(at(31s));
  CHECK(taken(t) == "!30");  // all that is before 50 s
  t.finish_split(1);
  CHECK(taken(t).empty());  // split 2 is idle, and nobody knows about it
  t.push_to_split(2, {51});
  CHECK(taken(t) == "51<50 !50");
  t.finish();
  CHECK(taken(t) == "!51");
  // What has finished first counts as what has finished last.
  auto u = weir::testing::test_driver<reading, weir::untimed>(chain());
  u.splits(2);
  u.push_to_split(0, {10});
  u.push_to_split(1, {50});
  u.push_to_split(1, {49});
  u.finish_split(1);
  CHECK(taken(u) == "10<- 50<- 49<10");
  u.processing_time(at(31s));
  CHECK(taken(u) == "!10 !49");
}

TEST_CASE("with_idleness: what a filter drops before time is assigned is no record of the split") {
  auto t = weir::testing::test_driver<reading, weir::untimed>(chain());
  t.splits(2);
  t.push_to_split(0, {10});
  t.push_to_split(1, {20});
  t.processing_time(at(20s));
  t.push_to_split(0, {-1});
  t.push_to_split(1, {20});
  t.processing_time(at(31s));
  CHECK(taken(t) == "10<- 20<- 20<10 !10");
}

TEST_CASE("with_idleness: behind finish_split, push gives a record of a split that goes on") {
  auto t = weir::testing::test_driver<reading, weir::untimed>(chain());
  t.splits(3);
  t.push_to_split(2, {10});
  t.push({11});
  t.push_to_split(0, {20});
  t.finish_split(0);
  t.push({15});  // of split 1
  t.finish_split(2);
  t.push({30});
  CHECK(taken(t) == "10<- 11<- 20<- 15<- !10 !11 30<15 !15 !20");
  CHECK(error_of([&] { t.push_to_split(0, {40}); }).find("split 0 has come to its end") != std::string::npos);
  CHECK(error_of([&] { t.finish_split(2); }).find("split 2 has come to its end") != std::string::npos);
  t.finish_split(1);
  CHECK(error_of([&] { t.push({40}); }).find("the end of all splits") != std::string::npos);
  t.finish();
  CHECK(taken(t) == "!30");
}

TEST_CASE("with_idleness: random splits, waiting, ends and restarts, against the rules") {
  struct naive_split {
    std::int64_t mark = -1;  // seconds; the watermark is a tick before
    bool idle = false, finished = false, aligned = true;
    std::int64_t quiet = 0;
  };
  std::uint64_t const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 bits(seed);
  auto const below = [&](std::uint64_t n) { return static_cast<std::int64_t>(bits() % n); };
  using driver = decltype(weir::testing::test_driver<reading, weir::untimed>(chain()));
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    std::size_t const n = 1 + static_cast<std::size_t>(below(4));
    auto t = std::make_unique<driver>(chain());
    t->splits(n);
    std::vector<naive_split> splits(n);
    std::int64_t out = -1, delivered = -1, clock = 0, last_clock = 0;
    std::set<std::int64_t> timers;
    std::string expected;
    auto const say = [&](std::string const& s) { expected += (expected.empty() ? "" : " ") + s; };
    auto const deliver = [&] {
      if (out <= delivered) return;
      delivered = out;
      while (!timers.empty() && *timers.begin() < out) {
        say("!" + std::to_string(*timers.begin()));
        timers.erase(timers.begin());
      }
    };
    auto const least = [&] {
      std::int64_t held = -1;
      bool any = false;
      for (naive_split const& s : splits)
        if (!s.idle && !s.finished && s.aligned) held = any ? std::min(held, s.mark) : s.mark, any = true;
      if (any) out = std::max(out, held);
    };
    auto const after_loss = [&] {
      bool active = false, all_finished = true;
      for (naive_split const& s : splits)
        active = active || (!s.idle && !s.finished), all_finished = all_finished && s.finished;
      if (all_finished) return;
      if (active)
        least();
      else
        for (naive_split const& s : splits) out = std::max(out, s.mark);
      deliver();
    };
    std::int64_t now = 0;
    for (int k = 0; k < 60; ++k) {
      std::size_t const i = static_cast<std::size_t>(below(n));
      naive_split& s = splits[i];
      switch (below(10)) {
        case 0:
          if (s.finished || below(3) != 0) break;
          s.finished = true;
          t->finish_split(i);
          after_loss();
          break;
        case 1:
        case 2: {
          std::int64_t const d = 1 + below(20);
          clock += d;
          t->processing_time(at((clock - last_clock) * 1s));
          for (naive_split& one : splits) one.quiet += d;
          for (naive_split& one : splits)
            if (!one.finished && !one.idle && one.quiet > 30)
              one.idle = true, one.aligned = false, after_loss();
          break;
        }
        case 3: {
          auto again = std::make_unique<driver>(chain(), std::string_view(t->snapshot()));
          expected += (expected.empty() ? "" : " ");
          std::string const first = taken(*t);
          REQUIRE(first == expected.substr(0, expected.find_last_not_of(' ') + 1));
          expected.clear();
          t = std::move(again);
          t->splits(n);
          last_clock = clock;
          for (naive_split& one : splits) one.quiet = 0, one.idle = false, one.aligned = one.mark >= out;
          break;
        }
        default: {
          if (s.finished) break;
          now += below(4);
          std::int64_t const second = std::max<std::int64_t>(0, now - below(6));
          t->push_to_split(i, {second});
          s.quiet = 0;
          if (s.idle) s.idle = false, s.aligned = s.mark >= out, after_loss();
          say(std::to_string(second) + "<" + (out < 0 ? "-" : std::to_string(out)));
          timers.insert(second);
          s.mark = std::max(s.mark, second);
          if (s.mark >= out) s.aligned = true;
          least();
          deliver();
        }
      }
    }
    REQUIRE(taken(*t) == expected);
  }
}

TEST_CASE(
    "with_idleness: a timeout that is not positive is refused, and so is what the strategy inside refuses") {
  auto const error = [](auto strategy) {
    return error_of([&] {
      weir::testing::test_driver<reading, weir::untimed>(weir::assign_timestamps(&reading::when, strategy));
    });
  };
  CHECK(
      error(weir::with_idleness{weir::bounded_out_of_orderness{1s}, 0s}).find("the timeout is not positive") !=
      std::string::npos);
  CHECK(error(weir::with_idleness{weir::bounded_out_of_orderness{-1s}, 1s}).find("bound is negative") !=
        std::string::npos);
}

TEST_CASE("with_idleness: what describe says of it") {
  CHECK(weir::describe(weir::from(std::vector<reading>{}) | chain())
            .find("assign_timestamps(with_idleness monotonous_timestamps, idle after 30s)") !=
        std::string::npos);
}
