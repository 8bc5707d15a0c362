// csv_directory and json_lines_directory: part files in a directory, in buckets, finished as checkpoints are committed.
#include <weir/connector/csv_directory.hpp>
#include <weir/connector/json_lines_directory.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct order {
  std::string country;
  weir::timestamp at;
  int amount = 0;
};
BOOST_HANA_ADAPT_STRUCT(order, country, at, amount);

int main() {
  for (char const* name : {"orders", "hours", "state"}) std::filesystem::remove_all(name);
  std::vector<order> orders;
  for (int i = 0; i < 1000; ++i)
    orders.push_back({i % 2 == 0 ? "DE" : "FR", weir::timestamp{1767225600s + i * 10s}, i});

  // [directory]
  // orders/DE/part-orders-0.csv, orders/FR/part-orders-1.csv, orders/DE/part-orders-2.csv, ...
  auto const by_country = weir::csv_directory{"orders", weir::bucket_by(&order::country),
                                              weir::rolling_policy{.size = 4096, .at_checkpoint = true}};
  // hours/2026-01-01--00/part-hours-0.jsonl, ...
  auto const by_hour = weir::json_lines_directory{"hours", weir::bucket_by_time_of{&order::at, "%Y-%m-%d--%H"},
                                                  weir::rolling_policy{.age = 15min, .at_checkpoint = true}};
  weir::run(weir::from(orders, weir::uid<"source">) | weir::branch(weir::into(by_country, weir::uid<"orders">),
                                                                   weir::into(by_hour, weir::uid<"hours">)),
            weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::exactly_once);
  // [/directory]

  return std::filesystem::exists("orders/DE/part-orders-0.csv") &&
                 std::filesystem::exists("orders/FR/part-orders-1.csv") &&
                 std::filesystem::exists("hours/2026-01-01--00/part-hours-0.jsonl") &&
                 std::filesystem::exists("hours/2026-01-01--02/part-hours-2.jsonl")
             ? 0
             : 1;
}
