// merge: the watermark of what is merged, where nothing waits for it. The rest is in graph_differential_test.cpp.
#include "catch.hpp"

#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct reading {
  int sensor;
  weir::timestamp at;
};
struct shows_watermark {
  using output = std::int64_t;
  template <class Context, class Emit>
  void on_record(reading const&, Context& context, Emit const& emit) {
    emit(context.watermark() == weir::min_time ? -1 : weir::ticks(context.watermark() + weir::tick) / 1000000);
  }
};

}  // namespace

TEST_CASE("merge: a record is judged by the least watermark of all inputs, also where no timer waits for it") {
  weir::timestamp const zero{};
  std::vector<reading> const left{{1, zero + 2s}, {1, zero + 4s}, {1, zero + 9s}, {1, zero + 9s}};
  std::vector<reading> const right{{1, zero + 3s}, {1, zero + 6s}, {1, zero + 20s}};
  auto const time = weir::assign_timestamps(&reading::at, weir::monotonous_timestamps{});
  for (std::size_t n : {1, 2, 3, 7, 4096}) {
    std::vector<std::int64_t> keyed, plain;
    auto const both = weir::merge(weir::from(left) | time, weir::from(right) | time);
    weir::run(
        both | weir::key_by(&reading::sensor) | weir::process<"keyed">(shows_watermark{}) | weir::into(keyed),
        weir::batch_size{n});
    weir::run(both | weir::process<"plain">(shows_watermark{}) | weir::into(plain), weir::batch_size{n});
    // 2 s, 3 s, 4 s of the left, 6 s, 9 s of the left, 20 s, and 9 s of the left by itself
    CHECK(keyed == std::vector<std::int64_t>{-1, -1, 2, 3, 4, 6, 9});
    CHECK(plain == keyed);
  }
}
