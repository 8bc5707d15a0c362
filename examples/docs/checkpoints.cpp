// lmdb_store and periodic_checkpoints: a run that was stopped goes on in the next one, and the file is as if it had not been.
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ranges>
#include <stop_token>
#include <string>

using namespace weir::literals;

int main() {
  std::filesystem::remove_all("state");
  std::filesystem::remove("sums.csv");
  std::stop_source stop;
  // [checkpoints]
  auto const numbers = std::views::iota(std::int64_t{1}, std::int64_t{10'001});
  auto const job = weir::from(numbers, weir::uid<"numbers">) | weir::inspect([&](std::int64_t i) {
                     if (i == 5000) stop.request_stop();
                   }) |
                   weir::key_by([](std::int64_t i) { return i % 2; }) |
                   weir::reduce([](std::int64_t a, std::int64_t b) { return a + b; }) | weir::uid<"sum"> |
                   weir::map([](std::int64_t sum) { return weir::make_row("sum"_c = sum); }) |
                   weir::into(weir::csv_file{"sums.csv"}, weir::uid<"sums">);
  auto const go_on = [&] {
    return weir::run(job, weir::lmdb_store{"state"},
                     weir::periodic_checkpoints{.every = std::chrono::seconds{10}}, weir::exactly_once,
                     stop.get_token());
  };
  auto const first = go_on();   // stopped: the batch is finished, then a checkpoint
  stop = std::stop_source();    // a new token
  auto const second = go_on();  // from the position and the sums of the first
  auto const third = go_on();   // nothing left to do
  // [/checkpoints]
  std::ifstream file("sums.csv");
  std::string const text{std::istreambuf_iterator<char>(file), {}};
  return first.status == weir::outcome::stopped && second.status == weir::outcome::finished &&
                 third.status == weir::outcome::already_finished && second.count("numbers", "out") < 10'000 &&
                 second.total("numbers", "out") == 10'000 && std::ranges::count(text, '\n') == 10'001 &&
                 text.ends_with("\n25000000\n25005000\n")
             ? 0
             : 1;
}
