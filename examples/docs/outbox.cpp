// outbox: records that a web service is told of exactly once, if it takes an idempotency key.
#include <weir/connector/outbox.hpp>
#include <weir/weir.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

int main() {
  std::filesystem::remove_all("outbox_state");
  std::vector<int> const orders{3, 1, 4};
  std::map<std::string, int> service;  // takes each key once
  auto const post = [&](std::string const& key, int order) { service.emplace(key, order); };

  // [outbox]
  auto const job =
      weir::from(orders, weir::uid<"orders">) |
      weir::into(weir::outbox{[&](int order, weir::outbox_id const& id) { post(id.text(), order); }},
                 weir::uid<"shipping">);
  weir::run(job, weir::lmdb_store{"outbox_state"}, weir::periodic_checkpoints{}, weir::exactly_once);
  // [/outbox]
  return service.size() == 3 ? 0 : 1;
}
