// with_idleness and a restart: watermarks are saved, what was idle is not.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct reading {
  std::int64_t second;
  weir::timestamp when() const { return weir::timestamp{second * 1s}; }
};
struct showing {
  using output = std::string;
  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const& emit) {
    weir::timestamp const t = context.watermark();
    emit(std::to_string(r.second) + "<" +
         (t == weir::min_time ? "-" : std::to_string(weir::ticks(t + weir::tick) / 1'000'000)));
    context.set_timer(r.when());
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp when, Context&, Emit const& emit) {
    emit("!" + std::to_string(weir::ticks(when) / 1'000'000));
  }
};

// One reading at a time of each split, and then nothing, or the end.
struct two_splits_facts {
  std::vector<reading> readings[2];
  bool ends;
};
struct two_splits : two_splits_facts {
  using value_type = reading;
  static constexpr bool replayable = true;
  class reader {
   public:
    reader(two_splits const& noun, weir::source_context const&) : noun_(noun) {}
    static std::size_t splits() { return 2; }
    std::span<reading const> poll(std::size_t i, std::size_t, std::chrono::steady_clock::time_point deadline) {
      if (next_[i] < noun_.readings[i].size()) return {noun_.readings[i].data() + next_[i], 1};
      if (deadline > std::chrono::steady_clock::now()) std::this_thread::sleep_until(deadline);
      return {};
    }
    void consume(std::size_t i, std::size_t n) { next_[i] += n; }
    bool ended(std::size_t i) const { return noun_.ends && next_[i] == noun_.readings[i].size(); }
    void save(std::string& out) const {
      for (std::uint64_t n : next_) weir::encode(n, out);
    }
    void restore(std::string_view bytes) {
      weir::byte_reader from(bytes);
      for (std::uint64_t& n : next_) weir::codec<std::uint64_t>::decode(from, n);
      from.finish();
    }

   private:
    two_splits_facts noun_;
    std::uint64_t next_[2] = {0, 0};
  };
};

}  // namespace

TEST_CASE("with_idleness: a run goes on behind a restart from the watermarks, with nobody idle") {
  weir_test::temp_directory directory;
  std::string seen;
  auto const run = [&](two_splits const& source, std::string const& last) {
    seen.clear();
    std::stop_source stop;
    return weir::run(
        weir::from(source, weir::uid<"readings">) |
            weir::assign_timestamps(&reading::when, weir::with_idleness{weir::monotonous_timestamps{}, 5ms}) |
            weir::key_by([](reading const&) { return 0; }) | weir::process<"showing">(showing{}) |
            weir::into(
                [&](std::string const& s) {
                  seen += (seen.empty() ? "" : " ") + s;
                  if (s == last) stop.request_stop();
                },
                weir::uid<"out">),
        weir::lmdb_store{directory.path() / "state"}, weir::periodic_checkpoints{.every = 1h},
        weir::at_least_once, stop.get_token());
  };
  CHECK(run({{{{{1}, {2}, {3}}, {{30}, {31}, {32}}}, false}}, "!31").status == weir::outcome::stopped);
  CHECK(seen == "1<- 30<- 2<1 !1 3<2 !2 31<3 32<3 !3 !30 !31");
  // Split 0 is at 3 s, and was idle. It is behind, so it holds nothing back until it has caught up.
  CHECK(run({{{{{1}, {2}, {3}, {4}, {50}}, {{30}, {31}, {32}, {40}}}, true}}, "").status ==
        weir::outcome::finished);
  CHECK(seen == "4<32 50<32 40<32 !4 !32 !40 !50");
}
