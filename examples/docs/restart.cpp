// Restart strategies and observers: a run that fails goes back to its last checkpoint and on, and says so.
#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

int main() {
  std::filesystem::remove_all("state");
  std::filesystem::remove("sums.csv");
  std::vector<std::string> heard;
  int outages = 2;
  auto const look_up = [&](std::int64_t n) {
    if (n == 500 && outages-- > 0) throw std::runtime_error("the service is away");
    return n;
  };
  auto const job = weir::from(std::views::iota(std::int64_t{1}, std::int64_t{1'001}), weir::uid<"numbers">) |
                   weir::map(look_up) | weir::key_by([](std::int64_t n) { return n % 2; }) |
                   weir::reduce([](std::int64_t a, std::int64_t b) { return a + b; }) | weir::uid<"sum"> |
                   weir::map([](std::int64_t sum) { return weir::make_row("sum"_c = sum); }) |
                   weir::into(weir::csv_file{"sums.csv"}, weir::uid<"sums">);
  // [restart]
  auto const result = weir::run(job, weir::lmdb_store{"state"},
                                weir::periodic_checkpoints{.every = 10s, .tolerable_failures = 3},
                                weir::exponential_backoff_restart{.initial = 10ms, .longest = 1min},
                                weir::stop_on_signal{}, weir::observer{[&]<class Event>(Event const& e) {
                                  if constexpr (std::is_same_v<Event, weir::run_restarting>)
                                    heard.emplace_back(e.error);
                                }});
  // [/restart]
  return result.restarts == 2 && heard.size() == 2 && heard[0] == "the service is away" &&
                 result.total("numbers", "out") == 1'000
             ? 0
             : 1;
}
