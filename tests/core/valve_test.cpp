// valve: against the rules of semantics.md 16 to 18, written down with a flag for everything.
#include "catch.hpp"

#include <weir/checkpoint/archive.hpp>
#include <weir/core/valve.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using weir::input_status;

// Which inputs are aligned is kept, not derived; so is everything else.
struct naive_valve {
  struct input {
    std::int64_t mark = 0;
    bool idle = false, finished = false, aligned = true;
  };
  std::vector<input> inputs;
  std::int64_t out = 0;
  bool ended = false;

  void output_min() {
    std::int64_t least = 0;
    bool any = false;
    for (input const& i : inputs)
      if (!i.idle && !i.finished && i.aligned) least = any ? std::min(least, i.mark) : i.mark, any = true;
    if (any) out = std::max(out, least);
  }
  void output_after_loss() {
    bool const all_finished =
        std::all_of(inputs.begin(), inputs.end(), [](input const& i) { return i.finished; });
    if (all_finished) {
      ended = true;
    } else if (idle()) {
      for (input const& i : inputs) out = std::max(out, i.mark);
    } else {
      output_min();
    }
  }
  bool idle() const {
    bool const none_active =
        std::all_of(inputs.begin(), inputs.end(), [](input const& i) { return i.idle || i.finished; });
    return none_active && !std::all_of(inputs.begin(), inputs.end(), [](input const& i) { return i.finished; });
  }
  void watermark(std::size_t n, std::int64_t t) {
    input& i = inputs[n];
    if (i.mark >= t) return;
    i.mark = t;
    if (i.mark >= out) i.aligned = true;
    output_min();
  }
  void become_idle(std::size_t n) {
    inputs[n].idle = true;
    inputs[n].aligned = false;
    output_after_loss();
  }
  void become_active(std::size_t n) {
    inputs[n].idle = false;
    inputs[n].aligned = inputs[n].mark >= out;
    output_min();
  }
  void finish(std::size_t n) {
    inputs[n].finished = true;
    output_after_loss();
  }
};

std::int64_t out_of(weir::detail::valve const& v) {
  return v.delivered == weir::min_time ? 0 : weir::ticks(v.delivered);
}

}  // namespace

TEST_CASE(
    "valve: the least of those that are active; the largest when none is; the end when all have finished") {
  weir::detail::valve v;
  v.inputs.resize(3);
  auto const step = [&](std::size_t i, std::int64_t t) {
    v.reach(i, weir::from_ticks(t));
    v.rise(weir::min_time);
    return out_of(v);
  };
  auto const idle = [&](std::size_t i, bool is) {
    v.set_idle(i, is);
    v.rise(weir::min_time);
    return out_of(v);
  };
  CHECK(step(0, 10) == 0);
  CHECK(step(1, 20) == 0);
  CHECK(idle(2, true) == 10);  // nobody waits for what has never said anything
  CHECK(idle(0, true) == 20);
  CHECK(step(1, 30) == 30);
  CHECK(idle(1, true) == 30);
  CHECK(v.idle());
  CHECK(idle(0, false) == 30);  // it is at 10: behind, and does not turn time back
  CHECK(!v.idle());
  CHECK(step(0, 25) == 30);
  CHECK(idle(1, false) == 30);
  CHECK(step(1, 50) == 50);  // nor does it hold time back before it has caught up
  CHECK(step(0, 49) == 50);
  CHECK(step(0, 50) == 50);
  CHECK(step(1, 60) == 50);  // now it does
  CHECK(step(0, 55) == 55);
  v.reach(1, weir::max_time);
  CHECK(!v.rise(weir::min_time));
  v.set_idle(0, true);
  CHECK(v.rise(weir::min_time)->now ==
        weir::from_ticks(60));  // what the finished one had made, not the end of time
  CHECK(v.idle());
  v.reach(0, weir::max_time);
  CHECK(!v.rise(weir::min_time));
  v.reach(2, weir::max_time);
  CHECK(v.rise(weir::min_time)->now == weir::max_time);
  CHECK(!v.idle());
}

TEST_CASE("valve: random inputs, against the rules") {
  std::uint64_t const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 bits(seed);
  auto const below = [&](std::uint64_t n) { return static_cast<std::size_t>(bits() % n); };
  for (int round = 0; round < 3000; ++round) {
    std::size_t const n = 1 + below(4);
    weir::detail::valve v;
    v.inputs.resize(n);
    naive_valve naive{std::vector<naive_valve::input>(n)};
    std::vector<std::int64_t> now(n, 0);
    for (int k = 0; k < 60 && !naive.ended; ++k) {
      std::size_t const i = below(n);
      if (naive.inputs[i].finished) continue;
      if (below(20) == 0) {  // a restart
        weir::detail::save_archive saved;
        v.state(saved, std::vector<weir::timestamp>(n));
        v = {};
        v.inputs.resize(n);
        weir::detail::load_archive loaded(saved.bytes);
        v.state(loaded, std::vector<weir::timestamp>(n));
        loaded.finish();
        for (naive_valve::input& one : naive.inputs)
          if (!one.finished) one.idle = false, one.aligned = one.mark >= naive.out;
      }
      weir::timestamp const before = v.delivered;
      switch (below(8)) {
        case 0:
          if (below(3) == 0) naive.finish(i), v.reach(i, weir::max_time);
          break;
        case 1:
        case 2: {
          bool const idle = !naive.inputs[i].idle;
          idle ? naive.become_idle(i) : naive.become_active(i);
          v.set_idle(i, idle);
          break;
        }
        default:
          if (naive.inputs[i].idle) {
            naive.become_active(i);
            v.set_idle(i, false);
            v.rise(weir::min_time);
          }
          now[i] += static_cast<std::int64_t>(below(10));
          naive.watermark(i, now[i]);
          if (now[i] > 0) v.reach(i, weir::from_ticks(now[i]));
      }
      auto const step = v.rise(weir::from_ticks(static_cast<std::int64_t>(below(100))));
      if (step) REQUIRE((step->before >= before && step->now > before));
      if (naive.ended) {
        REQUIRE(v.delivered == weir::max_time);
      } else {
        REQUIRE(out_of(v) == naive.out);
        REQUIRE(v.idle() == naive.idle());
      }
    }
  }
}
