// Inputs that meet, of which some are idle: connect by hand, merge with live sources in a run.
#include "catch.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;
using steady = std::chrono::steady_clock;

namespace {

struct reading {
  std::int64_t second;
  weir::timestamp when() const { return at(second * 1s); }
};
struct order {
  std::int64_t second;
  weir::timestamp when() const { return at(second * 1s); }
};
std::string in_seconds(weir::timestamp t) {
  return t == weir::min_time ? "-" : std::to_string(weir::ticks(t + weir::tick) / 1'000'000);
}
// "5<3": a record at 5 s, judged by the watermark 3 s - 1 us; an order says "5o3". "!5": the timer that it set has fired.
struct showing {
  using output = std::string;
  weir::value_state<std::int64_t, "unused"> unused;
  auto states() { return std::tie(unused); }
  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const& emit) {
    emit(std::to_string(r.second) + "<" + in_seconds(context.watermark()));
    context.set_timer(r.when());
  }
  template <class Context, class Emit>
  void on_first(reading const& r, Context& context, Emit const& emit) {
    on_record(r, context, emit);
  }
  template <class Context, class Emit>
  void on_second(order const& o, Context& context, Emit const& emit) {
    emit(std::to_string(o.second) + "o" + in_seconds(context.watermark()));
    context.set_timer(o.when());
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp when, Context&, Emit const& emit) {
    emit("!" + std::to_string(weir::ticks(when) / 1'000'000));
  }
};
struct passing {
  using output = reading;
  weir::value_state<std::int64_t, "unused"> unused;
  auto states() { return std::tie(unused); }
  template <class Context, class Emit>
  void on_first(reading const& r, Context&, Emit const& emit) {
    emit(r);
  }
  template <class Context, class Emit>
  void on_second(order const&, Context&, Emit const&) {}
};
auto const one_key = [](auto const&) { return 0; };

// Whether there is more is what a test says: a record each `gap` from when it is first asked, then nothing until `end`.
struct live_facts {
  std::vector<std::vector<reading>> readings;  // of each split
  std::chrono::nanoseconds gap{}, end = 10s;
  std::chrono::nanoseconds work{};  // of reading a record
  std::shared_ptr<std::chrono::nanoseconds> longest_wait = std::make_shared<std::chrono::nanoseconds>();
};
struct live : live_facts {
  using value_type = reading;
  static constexpr bool replayable = false;

  class reader {
   public:
    reader(live const& noun, weir::source_context const&) : noun_(noun), next_(noun.readings.size()) {}
    std::size_t splits() const { return next_.size(); }
    std::span<reading const> poll(std::size_t i, std::size_t, steady::time_point deadline) {
      auto const now = steady::now();
      bool const more = next_[i] < noun_.readings[i].size();
      auto const due = begin_ + (more ? noun_.gap * static_cast<std::int64_t>(next_[i]) : noun_.end);
      if (due > now && deadline > now) {
        *noun_.longest_wait = std::max(*noun_.longest_wait, deadline - now);
        std::this_thread::sleep_until(std::min(due, deadline));
      }
      if (!more || due > steady::now()) return {};
      std::this_thread::sleep_for(noun_.work);
      return {noun_.readings[i].data() + next_[i], 1};
    }
    void consume(std::size_t i, std::size_t n) { next_[i] += n; }
    bool ended(std::size_t i) const {
      return next_[i] == noun_.readings[i].size() && steady::now() >= begin_ + noun_.end;
    }

   private:
    live_facts noun_;
    std::vector<std::size_t> next_;
    steady::time_point begin_ = steady::now();
  };
};
std::vector<reading> seconds(std::int64_t first, std::size_t n) {
  std::vector<reading> all(n);
  for (reading& r : all) r.second = first++;
  return all;
}
// Two live sources to the end, or until f says that it is enough: one type for all tests.
using tell = std::function<bool(std::string const&)>;
auto run_merged(live const& left, weir::duration left_timeout, live const& right, weir::duration right_timeout,
                tell const& f) {
  auto const timed = [](live const& l, weir::duration timeout) {
    return weir::from(l) |
           weir::assign_timestamps(&reading::when, weir::with_idleness{weir::monotonous_timestamps{}, timeout});
  };
  std::stop_source stop;
  return weir::run(weir::merge(timed(left, left_timeout), timed(right, right_timeout)) | weir::key_by(one_key) |
                       weir::process<"showing">(showing{}) | weir::into([&](std::string const& s) {
                         if (f(s)) stop.request_stop();
                       }),
                   stop.get_token(), weir::batch_size{1});
}

}  // namespace

TEST_CASE(
    "connect: an idle input holds nothing back, and is judged by what the other has made when it comes back") {
  auto const orders =
      weir::from(std::vector<order>{}, weir::uid<"orders">) |
      weir::assign_timestamps(&order::when, weir::with_idleness{weir::monotonous_timestamps{}, 30s}) |
      weir::key_by(one_key);
  auto t =
      weir::testing::test_driver<reading>(weir::key_by(one_key) | weir::connect<"both">(orders, showing{}));
  auto const push = [&](std::int64_t second) {
    t.push({second}, at(second * 1s));
    t.watermark(at(second * 1s) - weir::tick);
  };
  auto const taken = [&] {
    std::string all;
    for (auto const& one : t.take()) all += (all.empty() ? "" : " ") + one.value;
    return all;
  };
  push(10);
  t.push_to<"orders">(order{5});
  CHECK(taken() == "10<- 5o-");
  push(20);
  CHECK(taken() == "20<5");
  t.processing_time(at(31s));  // only the orders know idleness; what is driven says it by itself
  CHECK(taken() == "!5 !10");
  t.push_to<"orders">(order{7});  // behind
  CHECK(taken() == "7o20");
  push(30);
  CHECK(taken() == "30<20 !7 !20");
  t.push_to<"orders">(order{40});
  push(50);
  CHECK(taken() == "40o30 50<30 !30");  // it has caught up, and holds time back at 40 s
  t.idle();
  push(60);  // ends it
  CHECK(taken() == "60<40");
  t.idle();
  t.push_to<"orders">(order{45});
  CHECK(taken() == "45o40 !40");
  t.processing_time(at(62s));  // both: the furthest counts
  CHECK(taken() == "!45 !50");
  t.push_to<"orders">(order{61});
  CHECK(taken() == "61o60 !60");
  t.finish_input<"orders">();
  CHECK(taken().empty());  // the other is idle, and not at the end of time
  push(62);
  CHECK(taken() == "62<61 !61");
  t.finish();
  CHECK(taken() == "!62");
}

TEST_CASE("async_map: who is idle still has the records that wait for their answers") {
  auto const orders = weir::from(std::vector<order>{}, weir::uid<"orders">) |
                      weir::assign_timestamps(&order::when, weir::monotonous_timestamps{}) |
                      weir::key_by(one_key);
  std::vector<std::function<void()>> answers;
  auto const ask = [&](reading const& r, weir::async_result<reading> result) {
    answers.push_back([r, result] { result(r); });
  };
  auto t = weir::testing::test_driver<reading>(weir::async_map<"ask", reading>(ask) | weir::key_by(one_key) |
                                               weir::connect<"both">(orders, showing{}));
  t.push({10}, at(10s));
  t.watermark(at(10s) - weir::tick);
  t.idle();
  t.push_to<"orders">(order{30});
  CHECK(t.take().size() == 1);
  answers[0]();
  t.processing_time(at(1s));
  auto const out = t.take();
  REQUIRE(out.size() == 2);
  CHECK(out[0].value == "10<-");
  CHECK(out[1].value == "!10");  // and now it is idle
}

TEST_CASE("branch: chains that meet again are idle when what they come from is") {
  auto const orders = weir::from(std::vector<order>{}, weir::uid<"orders">) |
                      weir::assign_timestamps(&order::when, weir::monotonous_timestamps{}) |
                      weir::key_by(one_key);
  auto const is_odd = [](reading const& r) { return r.second % 2 == 1; };
  auto const is_even = [](reading const& r) { return r.second % 2 == 0; };
  auto t =
      weir::testing::test_driver<reading>(weir::branch(weir::filter(is_odd), weir::filter(is_even)) |
                                          weir::key_by(one_key) | weir::connect<"both">(orders, showing{}));
  t.push({10}, at(10s));
  t.watermark(at(10s));
  t.push_to<"orders">(order{30});
  CHECK(t.take().size() == 3);  // !10
  t.idle();
  t.push_to<"orders">(order{31});
  CHECK(t.take().back().value == "!30");
  t.push({11}, at(11s));  // not idle any more, and behind
  t.push_to<"orders">(order{32});
  CHECK(t.take().size() == 4);  // 11<31 32o31 !11 !31: time is that of the orders alone
}

TEST_CASE("with_idleness where inputs have met: nothing from any of them") {
  auto const orders = weir::from(std::vector<order>{}, weir::uid<"orders">) |
                      weir::assign_timestamps(&order::when, weir::monotonous_timestamps{}) |
                      weir::key_by(one_key);
  auto const never = weir::from(std::vector<order>{}, weir::uid<"never">) | weir::key_by(one_key);
  auto t = weir::testing::test_driver<reading, weir::untimed>(
      weir::key_by(one_key) | weir::connect<"readings">(never, passing{}) |
      weir::assign_timestamps(&reading::when, weir::with_idleness{weir::monotonous_timestamps{}, 30s}) |
      weir::key_by(one_key) | weir::connect<"both">(orders, showing{}));
  t.push({10});
  t.push_to<"orders">(order{30});
  CHECK(t.take().size() == 2);
  t.processing_time(at(20s));
  t.push({11});
  CHECK(t.take().back().value == "!10");
  t.processing_time(at(50s));
  t.push_to<"orders">(order{31});
  CHECK(t.take().size() == 1);
  t.processing_time(at(51s));
  CHECK(t.take().back().value == "!30");
}

TEST_CASE("merge: a live input that has become quiet does not stop the others' timers") {
  std::vector<std::string> all;
  auto const result =
      run_merged({{{seconds(1, 5000)}, 200us}}, 1h, {{{seconds(2, 1)}}}, 20ms, [&](std::string const& s) {
        all.push_back(s);
        return s == "!50";
      });
  CHECK(result.status == weir::outcome::stopped);
  auto const at_record = [&](std::string const& s) {
    return std::find(all.begin(), all.end(), s) - all.begin();
  };
  CHECK(at_record("!1") < at_record("!50"));
  CHECK(at_record("3<2") < at_record("!2"));  // until then the watermark stood at 2 s
}

TEST_CASE("with_idleness: a quiet split of a live source, and an input that has ended") {
  live ended{{{seconds(1'000'000, 1)}}};
  ended.end = 0s;
  std::vector<std::string> all;
  auto const result =
      run_merged({{{seconds(1, 3), seconds(30, 5000)}, 200us}}, 20ms, ended, 1h, [&](std::string const& s) {
        all.push_back(s);
        return s == "!3";
      });
  CHECK(result.status == weir::outcome::stopped);
  CHECK(std::find(all.begin(), all.end(), "30<-") != all.end());
  CHECK(std::find(all.begin(), all.end(), "!1000000") == all.end());  // its end is not theirs
}

TEST_CASE("with_idleness: while the pipeline works nobody becomes idle, though the clock goes on") {
  std::vector<std::string> all;
  auto const result =
      run_merged({{{seconds(1, 20)}}}, 1h, {{{seconds(2, 1)}}}, 40ms, [&](std::string const& s) {
        if (s.find('<') != std::string::npos) std::this_thread::sleep_for(6ms);  // the work of a slow sink
        all.push_back(s);
        return s == "!2";
      });
  // 126 ms of it. Only behind the last record there is nothing to do but to wait.
  CHECK(result.status == weir::outcome::stopped);
  CHECK(std::find(all.begin(), all.end(), "20<2") != all.end());
  CHECK(all.back() == "!19");  // what fires at one step of the watermark
}

TEST_CASE("with_idleness: what a poll reads and parses is work, and no waiting for the others") {
  live left{{{seconds(1, 20)}}};
  left.work = 6ms;
  std::vector<std::string> all;
  auto const result = run_merged(left, 1h, {{{seconds(2, 1)}}}, 40ms, [&](std::string const& s) {
    all.push_back(s);
    return s == "!2";
  });
  CHECK(result.status == weir::outcome::stopped);
  CHECK(std::find(all.begin(), all.end(), "20<2") != all.end());
  CHECK(all.back() == "!19");
}

TEST_CASE("with_idleness: no poll waits longer than until the next split is idle") {
  live left{{{seconds(1, 3)}}};
  left.end = 2s;
  std::vector<std::string> all;
  run_merged(left, 1h, {{{seconds(2, 1)}}}, 3ms, [&](std::string const& s) {
    all.push_back(s);
    return s == "!2";
  });
  CHECK(all.back() == "!2");
  CHECK(*left.longest_wait > 0ms);
  CHECK(*left.longest_wait <= 3ms + 2us);
}

TEST_CASE("with_idleness: when all inputs of a merge are idle, all that has come fires") {
  std::vector<std::string> all;
  auto const result =
      run_merged({{{seconds(1, 3)}}}, 10ms, {{{seconds(30, 1)}}}, 10ms, [&](std::string const& s) {
        all.push_back(s);
        return s == "!3";
      });
  CHECK(result.status == weir::outcome::stopped);
  CHECK(all.back() == "!3");
}
