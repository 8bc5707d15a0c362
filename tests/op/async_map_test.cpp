// async_map against map: the same results at the same times, whenever the answers come.
#include <weir/op/async_map.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;

namespace {

using result = weir::async_result<std::string>;

// Keeps the calls until a test answers them.
struct open_calls {
  std::map<int, std::vector<result>> all;  // of a record
  int made = 0;
};
struct ask {
  open_calls* calls;
  void operator()(int record, result r) const {
    calls->all[record].push_back(std::move(r));
    ++calls->made;
  }
};
struct patient_ask : ask {
  std::string on_timeout(int record) const { return std::to_string(record) + " timed out"; }
};
void give(open_calls& calls, int record) { calls.all.at(record).back()("r" + std::to_string(record)); }

// What comes, and the watermark that it comes with.
struct seen {
  using output = std::string;
  auto states() { return std::tie(); }
  template <class Context, class Emit>
  void on_record(std::string const& s, Context& c, Emit const& emit) {
    auto const text = [](weir::timestamp t) {
      return t == weir::min_time ? std::string("none") : std::to_string(t.time_since_epoch() / 1s);
    };
    emit(s + " at " + text(c.time()) + ", watermark " + text(c.watermark()));
  }
};
template <class F>
auto asking(F f, weir::async_options options = {}) {
  return weir::async_map<"ask", std::string>(f, options) | weir::process<"seen">(seen{});
}
template <class Driver>
std::vector<std::string> taken(Driver& t) {
  std::vector<std::string> out;
  for (auto const& o : t.take()) out.push_back(o.value);
  return out;
}
template <class Driver>
std::vector<std::string> looked(Driver& t, weir::duration& clock) {
  t.processing_time(at(clock += 1s));
  return taken(t);
}
using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("async_map: results in the order of their records, with the watermark of each") {
  open_calls calls;
  weir::duration clock{};
  weir::testing::driver<weir::stream<int, true>, decltype(asking(ask{&calls}))> t(asking(ask{&calls}));
  t.push(1, at(10s));
  t.watermark(at(5s));
  t.push(2, at(12s));
  t.watermark(at(7s));
  give(calls, 2);
  CHECK(looked(t, clock).empty());
  give(calls, 1);
  CHECK(looked(t, clock) == strings{"r1 at 10, watermark none", "r2 at 12, watermark 5"});
  t.push(3, at(20s));
  give(calls, 3);
  CHECK(looked(t, clock) == strings{"r3 at 20, watermark 7"});
}

TEST_CASE("async_map: unordered results are judged by no later watermark than that of the oldest call") {
  open_calls calls;
  weir::duration clock{};
  auto const chain = asking(ask{&calls}, {.unordered = true});
  weir::testing::driver<weir::stream<int, true>, std::decay_t<decltype(chain)>> t(chain);
  t.push(1, at(10s));
  t.watermark(at(5s));
  t.push(2, at(12s));
  t.watermark(at(7s));
  t.push(3, at(13s));
  give(calls, 3);
  CHECK(looked(t, clock) == strings{"r3 at 13, watermark none"});
  give(calls, 1);
  CHECK(looked(t, clock) == strings{"r1 at 10, watermark none"});
  t.push(4, at(30s));
  give(calls, 4);
  CHECK(looked(t, clock) == strings{"r4 at 30, watermark 5"});
  give(calls, 2);
  CHECK(looked(t, clock) == strings{"r2 at 12, watermark 5"});
  t.push(5, at(31s));
  give(calls, 5);
  CHECK(looked(t, clock) == strings{"r5 at 31, watermark 7"});
}

TEST_CASE("async_map: what waits is asked again by a driver that goes on from a snapshot") {
  open_calls before, after;
  weir::duration clock{};
  using driver = weir::testing::driver<weir::stream<int, true>, decltype(asking(ask{&before}))>;
  std::string saved;
  {
    driver t(asking(ask{&before}));
    t.push(1, at(10s));
    t.push(2, at(11s));
    t.watermark(at(9s));
    give(before, 2);
    saved = t.snapshot();
  }
  give(before, 1);  // nobody hears it
  driver t(asking(ask{&after}), saved);
  CHECK(after.made == 2);
  give(after, 1);
  CHECK(looked(t, clock) == strings{"r1 at 10, watermark none"});
  give(after, 2);
  CHECK(looked(t, clock) == strings{"r2 at 11, watermark none"});
  t.push(3, at(12s));
  give(after, 3);
  CHECK(looked(t, clock) == strings{"r3 at 12, watermark 9"});
}

TEST_CASE("async_map: a failed call is tried again, each time later; then the run fails") {
  open_calls calls;
  auto const chain = asking(ask{&calls}, {.tries = 3, .pause = 10s});
  weir::testing::driver<weir::stream<int, true>, std::decay_t<decltype(chain)>> t(chain);
  auto const fail = [&] { calls.all[1].back().fail(std::make_exception_ptr(std::runtime_error("no line"))); };
  t.push(1, at(1s));
  fail();
  t.processing_time(at(1s));
  t.processing_time(at(10s));
  CHECK(calls.made == 1);
  t.processing_time(at(11s));
  CHECK(calls.made == 2);
  fail();
  fail();  // only the first answer counts
  t.processing_time(at(12s));
  t.processing_time(at(31s));
  CHECK(calls.made == 2);
  t.processing_time(at(32s));
  CHECK(calls.made == 3);
  CHECK(t.count("ask", "retries") == 2);
  SECTION("it comes at last") {
    give(calls, 1);
    t.processing_time(at(33s));
    CHECK(taken(t) == strings{"r1 at 1, watermark none"});
  }
  SECTION("an answer to an earlier try counts too") {
    calls.all[1].front()("late");  // it has been answered
    calls.all[1].clear();          // nobody will answer
    CHECK_THROWS_WITH(t.processing_time(at(33s)),
                      "weir::async_map: an async_result was destroyed without an answer");
  }
  SECTION("it never comes") {
    fail();
    CHECK_THROWS_WITH(t.processing_time(at(33s)), "no line");
  }
}

TEST_CASE("async_map: a call without answer ends in on_timeout, or the run fails") {
  open_calls calls;
  weir::async_options const options{.timeout = 5s};
  auto const patient = asking(patient_ask{{&calls}}, options);
  auto const plain = asking(ask{&calls}, options);
  {
    weir::testing::driver<weir::stream<int, true>, std::decay_t<decltype(patient)>> t(patient);
    t.push(1, at(1s));
    t.push(2, at(2s));
    give(calls, 2);
    t.processing_time(at(4s));
    CHECK(taken(t).empty());
    t.processing_time(at(5s));
    give(calls, 1);
    t.processing_time(at(6s));
    CHECK(taken(t) == strings{"1 timed out at 1, watermark none", "r2 at 2, watermark none"});
    CHECK(t.count("ask", "timeouts") == 1);
  }
  weir::testing::driver<weir::stream<int, true>, std::decay_t<decltype(plain)>> t(plain);
  t.push(3, at(1s));
  CHECK_THROWS_WITH(t.processing_time(at(5s)),
                    Catch::Contains("weir::async_map \"ask\": no answer within 5000 ms"));
}

TEST_CASE("async_map: options that make no sense are refused") {
  open_calls calls;
  using driver = weir::testing::driver<weir::stream<int, true>, decltype(asking(ask{&calls}))>;
  CHECK_THROWS_WITH(driver(asking(ask{&calls}, {.capacity = 0})), Catch::Contains("capacity is zero"));
  CHECK_THROWS_WITH(driver(asking(ask{&calls}, {.threads = 0})), Catch::Contains("threads is zero"));
  CHECK_THROWS_WITH(driver(asking(ask{&calls}, {.tries = 0})), Catch::Contains("tries is zero"));
  CHECK_THROWS_WITH(driver(asking(ask{&calls}, {.timeout = -1s})),
                    Catch::Contains("timeout or pause is negative"));
}

TEST_CASE("async_map: before time is assigned, each record is of the split that it came from") {
  open_calls calls;
  weir::duration clock{};
  struct time_of {
    weir::timestamp operator()(std::string const& s) const { return at(std::stoi(s.substr(1)) * 1s); }
  };
  auto const chain = weir::async_map<"ask", std::string>(ask{&calls}) |
                     weir::assign_timestamps(time_of{}, weir::bounded_out_of_orderness{1s}) |
                     weir::process<"seen">(seen{});
  auto t = weir::testing::test_driver<int, weir::untimed>(chain);
  t.splits(2);
  t.push_to_split(0, 10);
  t.push_to_split(1, 40);
  give(calls, 40);
  CHECK(looked(t, clock).empty());
  give(calls, 10);
  CHECK(looked(t, clock) == strings{"r10 at 10, watermark none", "r40 at 40, watermark none"});
  t.push_to_split(0, 50);
  give(calls, 50);
  CHECK(looked(t, clock) == strings{"r50 at 50, watermark 8"});
  t.finish_split(0);
  t.push_to_split(1, 60);
  give(calls, 60);
  CHECK(looked(t, clock) == strings{"r60 at 60, watermark 38"});
  t.push_to_split(1, 61);
  give(calls, 61);
  CHECK(looked(t, clock) == strings{"r61 at 61, watermark 58"});
}
