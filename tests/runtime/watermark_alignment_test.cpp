// watermark_alignment: who is far ahead waits, for those that are not idle or at their end.
#include "catch.hpp"
#include "error_of.hpp"

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct reading {
  int source;
  std::int64_t second;
  weir::timestamp when() const { return weir::timestamp{second * 1s}; }
};

// Has something to give only each `every`-th time that it is asked, and ends or not.
struct slow_facts {
  std::vector<reading> readings;
  std::size_t every = 1;
  bool ends = true;
  std::chrono::seconds patience = std::chrono::hours{1};  // after which it ends anyway
};
struct slow : slow_facts {
  using value_type = reading;
  static constexpr bool replayable = false;
  class reader {
   public:
    reader(slow const& noun, weir::source_context const&) : noun_(noun) {}
    static constexpr std::size_t splits() { return 1; }
    std::span<reading const> poll(std::size_t, std::size_t max,
                                  std::chrono::steady_clock::time_point deadline) {
      bool const any = next_ < noun_.readings.size() && ++asked_ % noun_.every == 0;
      if (any) {
        std::size_t const left = noun_.readings.size() - next_;
        return std::span<reading const>(noun_.readings)
            .subspan(next_, std::min(noun_.every == 1 ? max : 1, left));
      }
      if (next_ == noun_.readings.size() && deadline > std::chrono::steady_clock::now())
        std::this_thread::sleep_until(deadline);
      return {};
    }
    void consume(std::size_t, std::size_t n) { next_ += n; }
    bool ended(std::size_t) const {
      return next_ == noun_.readings.size() &&
             (noun_.ends || std::chrono::steady_clock::now() > begin_ + noun_.patience);
    }

   private:
    slow_facts noun_;
    std::size_t next_ = 0, asked_ = 0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };
};
std::vector<reading> seconds(int source, std::int64_t n) {
  std::vector<reading> all;
  for (std::int64_t s = 1; s <= n; ++s) all.push_back({source, s});
  return all;
}

struct seen {
  std::int64_t last[2] = {0, 0};
  std::int64_t furthest = 0;  // that the first was ahead of the second when it was read
  std::int64_t records = 0;
};
// The second source says when it is idle; enough: how many records end the run.
seen run(slow const& first, slow const& second, std::int64_t enough, auto... policies) {
  auto const timed = [](slow const& s) {
    return weir::from(s) |
           weir::assign_timestamps(&reading::when, weir::with_idleness{weir::monotonous_timestamps{}, 5ms});
  };
  seen all;
  std::stop_source stop;
  weir::run(weir::merge(timed(first), timed(second)) | weir::into([&](reading const& r) {
              all.last[r.source] = r.second;
              all.furthest = std::max(all.furthest, all.last[0] - all.last[1]);
              if (++all.records == enough) stop.request_stop();
            }),
            stop.get_token(), policies...);
  return all;
}
constexpr weir::watermark_alignment ten{.max_drift = 10s};

}  // namespace

TEST_CASE("watermark_alignment: nobody is read who is further ahead than max_drift") {
  slow const fast{{seconds(0, 200)}}, behind{{seconds(1, 200), 3}};
  CHECK(run(fast, behind, 0).furthest == 200 - 0);
  for (std::size_t n : {1, 7, 4096}) {
    seen const aligned = run(fast, behind, 0, ten, weir::batch_size{n});
    CHECK(aligned.furthest == 11);  // the record that makes it so is read
    CHECK(aligned.records == 400);
  }
  CHECK(run(fast, behind, 0, weir::watermark_alignment{.max_drift = 0s}).furthest == 1);
}

TEST_CASE("watermark_alignment: one that has ended, or is idle, is not waited for") {
  slow const fast{{seconds(0, 100)}};
  CHECK(run(fast, {{seconds(1, 20), 2}}, 0, ten).records == 120);
  CHECK(run(fast, {{seconds(1, 20), 1, false}}, 120, ten).records == 120);
}

TEST_CASE(
    "watermark_alignment: what waits where the source is read counts when it has come to where time is "
    "assigned") {
  // `first` says one thing, and then nothing; the others are paused only until its time is known.
  auto const timed = weir::assign_timestamps(&reading::when, weir::monotonous_timestamps{});
  auto const slowly = [](reading const& r) {
    std::this_thread::sleep_for(5ms);
    return r;
  };
  slow first{{{{0, 100}}, 1, false}}, second{{seconds(1, 110)}};
  first.patience = 5s;
  int n = 0;
  std::stop_source stop;
  auto const result =
      weir::run(weir::merge(weir::from(first) | weir::async_map<"slowly">(slowly, {.threads = 1}) | timed,
                            weir::from(second) | timed) |
                    weir::into([&](reading const&) {
                      if (++n == 111) stop.request_stop();
                    }),
                stop.get_token(), weir::watermark_alignment{.max_drift = 60s});
  CHECK(result.wall_time < first.patience);
}

TEST_CASE("watermark_alignment: a drift below zero is refused") {
  CHECK(weir_test::error_of([] {
          run({{seconds(0, 1)}}, {{seconds(1, 1)}}, 0, weir::watermark_alignment{.max_drift = -1s});
        }).find("max_drift is negative") != std::string::npos);
}
