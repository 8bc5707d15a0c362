// Timers of process: what they give to a side output, and the end of time.
#include "catch.hpp"

#include <weir/connector/container.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;

namespace {

struct to_the_side {
  using output = int;
  using side_outputs = weir::side_outputs<weir::side_output<"aside", std::int64_t>>;
  auto states() { return std::tuple<>(); }
  template <class Context, class Emit>
  void on_record(int, Context& context, Emit const&) {
    context.set_timer(context.time() + 5s);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp when, Context& context, Emit const&) {
    context.side(weir::to<"aside">, weir::ticks(when));
  }
};

// Gives the time of each record when the watermark has passed it, and -1 for one that is late.
struct in_time {
  using output = std::int64_t;
  auto states() { return std::tuple<>(); }
  template <class Context, class Emit>
  void on_record(std::int64_t, Context& context, Emit const& emit) {
    if (context.time() <= context.watermark())
      emit(-1);
    else
      context.set_timer(context.time());
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp when, Context&, Emit const& emit) {
    emit(weir::ticks(when) / 1000000);
  }
};

constexpr auto one_key = [](auto const&) { return 0; };

}  // namespace

TEST_CASE("process: a side output of a timer is not late by the watermark that made the timer fire") {
  std::vector<std::int64_t> seen;
  auto const chain =
      weir::key_by(one_key) | weir::process<"timers">(to_the_side{}) |
      weir::side<"aside">(weir::key_by(one_key) | weir::process<"order">(in_time{}) | weir::into(seen));
  auto t = weir::testing::test_driver<int>(chain);
  t.push(1, at(1s));
  t.push(2, at(3s));
  t.watermark(at(7s));
  CHECK(seen == std::vector<std::int64_t>{6});
  t.watermark(at(10s));
  CHECK(seen == std::vector<std::int64_t>{6, 8});
}

namespace {

struct at_the_end {
  using output = std::int64_t;
  weir::value_state<std::int64_t, "sum"> sum;
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(int value, Context& context, Emit const&) {
    sum.get() += value;
    context.set_timer(weir::max_time);
    if (value < 0) context.delete_timer(weir::max_time);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context&, Emit const& emit) {
    emit(*sum);
    sum.clear();
  }
};

}  // namespace

TEST_CASE("process: a timer at the end of time fires when the input ends, also after a restart") {
  auto const chain = weir::key_by(one_key) | weir::process<"sums">(at_the_end{});
  auto first = weir::testing::test_driver<int>(chain);
  first.push(1, at(1s));
  first.push(2, at(2s));
  first.watermark(at(1000h));
  CHECK(first.take().empty());
  auto t = weir::testing::test_driver<int>(chain, first.snapshot());
  t.push(4, at(2000h));
  t.finish();
  auto const out = t.take();
  REQUIRE(out.size() == 1);
  CHECK(out[0].value == 7);

  auto cancelled = weir::testing::test_driver<int>(chain);
  cancelled.push(-1, at(1s));
  cancelled.finish();
  CHECK(cancelled.take().empty());
}
