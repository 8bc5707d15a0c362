// explain_watermark: which input holds time back, of a test_driver and of a run.
#include "catch.hpp"
#include "error_of.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;
using weir_test::error_of;

namespace {

struct reading {
  std::int64_t second;
  weir::timestamp when() const { return at(second * 1s); }
};
auto const monotonous = weir::monotonous_timestamps{};

struct passing {
  using output = reading;
  weir::value_state<std::int64_t, "unused"> unused;
  auto states() { return std::tie(unused); }
  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const& emit) {
    on_first(r, context, emit);
  }
  template <class Context, class Emit>
  void on_first(reading const& r, Context& context, Emit const& emit) {
    emit(r);
    context.set_timer(r.when());
  }
  template <class Context, class Emit>
  void on_second(reading const&, Context&, Emit const&) {}
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context&, Emit const&) {}
};
auto const one_key = [](reading const&) { return 0; };

// Records, and then nothing until somebody ends the run.
struct quiet {
  using value_type = reading;
  static constexpr bool replayable = false;
  std::vector<reading> readings;
  class reader {
   public:
    reader(quiet const& noun, weir::source_context const&) : left_(noun.readings) {}
    static std::size_t splits() { return 1; }
    std::vector<reading> const& poll(std::size_t, std::size_t, std::chrono::steady_clock::time_point deadline) {
      if (left_.empty() && deadline > std::chrono::steady_clock::now()) std::this_thread::sleep_until(deadline);
      return left_;
    }
    void consume(std::size_t, std::size_t n) {
      left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    bool ended(std::size_t) const { return false; }

   private:
    std::vector<reading> left_;
  };
};

}  // namespace

TEST_CASE("explain_watermark: splits of a test_driver") {
  auto t = weir::testing::test_driver<reading, weir::untimed>(
      weir::assign_timestamps(&reading::when, weir::with_idleness{monotonous, 30s}));
  t.splits(3);
  t.push_to_split(0, {10});
  t.push_to_split(1, {5});
  t.push_to_split(2, {20});
  t.processing_time(at(4s));
  t.push_to_split(0, {11});
  t.push_to_split(2, {21});
  t.take();
  CHECK(text(t.explain_watermark()) ==
        "what is pushed, split 2 of 3, holds time back at 1970-01-01T00:00:04.999999Z: nothing came for 4s; it "
        "will be "
        "idle when it has been waited for longer than 30s\n"
        "what is pushed: active, 1970-01-01T00:00:04.999999Z\n"
        "  split 1: active, 1970-01-01T00:00:10.999999Z\n"
        "  split 2: active, 1970-01-01T00:00:04.999999Z, nothing came for 4s, holds time back\n"
        "  split 3: active, 1970-01-01T00:00:20.999999Z\n");
  t.processing_time(at(31s));
  weir::watermark_report const report = t.explain_watermark();
  REQUIRE(report.inputs.size() == 1);
  CHECK(report.inputs[0].watermark == at(11s) - weir::tick);
  CHECK(report.inputs[0].splits[1].status == weir::input_status::idle);
  CHECK(report.inputs[0].splits[0].holds_back);
  CHECK(!report.inputs[0].splits[2].holds_back);
  t.finish_split(0);
  t.processing_time(at(61s));
  CHECK(text(t.explain_watermark()) ==
        "all inputs are idle or have ended: time stands until a record comes\n"
        "what is pushed: idle, 1970-01-01T00:00:20.999999Z\n"
        "  split 1: finished, 1970-01-01T00:00:10.999999Z\n"
        "  split 2: idle, 1970-01-01T00:00:04.999999Z, nothing came for 61s\n"
        "  split 3: idle, 1970-01-01T00:00:20.999999Z, nothing came for 57s\n");
  t.finish();
  CHECK(text(t.explain_watermark()).find("all inputs have ended\n") == 0);
}

TEST_CASE("explain_watermark: two inputs of a test_driver") {
  auto const second = weir::from(std::vector<reading>{}, weir::uid<"second">) |
                      weir::assign_timestamps(&reading::when, monotonous) | weir::key_by(one_key);
  auto t =
      weir::testing::test_driver<reading>(weir::key_by(one_key) | weir::connect<"both">(second, passing{}));
  t.push({5}, at(5s));
  t.watermark(at(5s));
  CHECK(text(t.explain_watermark()) ==
        "\"second\" holds time back at no time yet: its records are what is read now\n"
        "what is pushed: active, 1970-01-01T00:00:05Z\n"
        "  split 1: active, 1970-01-01T00:00:05Z\n"
        "\"second\": active, no time yet\n"
        "  split 1: active, no time yet\n"
        "what is pushed and \"second\": active, no time yet\n"
        "  what is pushed: active, 1970-01-01T00:00:05Z\n"
        "  \"second\": active, no time yet, holds time back\n");
  t.push_to<"second">(reading{7});
  t.idle();
  auto const report = t.explain_watermark();
  REQUIRE(report.valves.size() == 1);
  CHECK(report.valves[0].watermark == at(7s) - weir::tick);
  CHECK(report.valves[0].inputs[0].status == weir::input_status::idle);
  CHECK(report.valves[0].inputs[1].holds_back);
}

TEST_CASE("explain_watermark: of a run, from another thread") {
  auto const timed = [](quiet const& q, auto uid) {
    return weir::from(q, uid) | weir::assign_timestamps(&reading::when, monotonous);
  };
  weir::job_control const control;
  std::string words;
  bool watches = false;
  auto const all =
      weir::merge(timed({{{1}, {2}, {30}}}, weir::uid<"orders">), timed({{{3}}}, weir::uid<"payments">));
  std::vector<reading> out;
  std::jthread const asks([&] {
    do {
      words = text(explain_watermark(control));
      watches = words.find("nothing came") < words.find('\n');
    } while (!watches);
    control.stop();
  });
  weir::run(all | weir::key_by(one_key) | weir::process<"passing">(passing{}) | weir::into(out), control,
            weir::watermark_alignment{.max_drift = 10s});
  CHECK(words.find("\"payments\" holds time back at 1970-01-01T00:00:02.999999Z: nothing came for ") == 0);
  CHECK(words.find("; with_idleness would let time go on without it\n") != std::string::npos);
  CHECK(words.find("\n\"orders\" and \"payments\": active, 1970-01-01T00:00:02.999999Z\n"
                   "  \"orders\": active, 1970-01-01T00:00:29.999999Z\n"
                   "  \"payments\": active, 1970-01-01T00:00:02.999999Z, holds time back\n") !=
        std::string::npos);
  INFO(words);
  CHECK(words.find("waits for the others: too far ahead\n\"payments\": active") != std::string::npos);
  CHECK(error_of([&] { explain_watermark(control); }).find("the run has ended before it could say") !=
        std::string::npos);
  CHECK(error_of([&] { weir::pending_report().get(); }).find("it stands for no report") != std::string::npos);
}
