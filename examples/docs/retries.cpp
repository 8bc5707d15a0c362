// retries and failed_to of a sink: what fails for a while is tried again, what a sink refuses goes to a side output.
#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

int main() {
  std::filesystem::remove_all("state");
  std::filesystem::remove("numbers.csv");
  auto const numbers = weir::from(std::views::iota(std::int64_t{0}, std::int64_t{1'000}), weir::uid<"numbers">);
  auto const rows = weir::map([](std::int64_t n) { return weir::make_row("n"_c = n); });
  std::vector<std::string> heard;

  // [retries]
  auto const job = numbers | rows |
                   weir::into(weir::csv_file{"numbers.csv"}, weir::uid<"out">,
                              weir::retries{.for_at_most = 1min, .longest = 5s});
  auto const result = weir::run(job, weir::lmdb_store{"state"}, weir::periodic_checkpoints{},
                                weir::observer{[&](weir::connector_retrying const& r) {
                                  heard.push_back(std::string(r.uid) + ": " + std::string(r.error));
                                }});
  // [/retries]

  std::vector<weir::failed_record<std::int64_t>> bad;
  // [refused]
  auto const post = [](std::int64_t n) {
    if (n % 100 == 7) throw std::runtime_error("400 Bad Request");
  };
  weir::run(numbers | weir::into(post, weir::uid<"posts">, weir::failed_to<"bad">) |
            weir::side<"bad">(weir::into(bad)));
  // [/refused]
  return result.count("out", "in") == 1'000 && heard.empty() && bad.size() == 10 &&
                 bad[0].error == "400 Bad Request"
             ? 0
             : 1;
}
