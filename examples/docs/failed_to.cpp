// failed_to: records for which a function throws go to a side output, with what was thrown; skip_failed counts them.
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct order {
  std::string id;
  std::string amount;
};
BOOST_HANA_ADAPT_STRUCT(order, id, amount);

int main() {
  std::vector<order> const orders{{"a", "20"}, {"b", "many"}, {"c", "7"}, {"d", "-1"}};
  std::vector<int> amounts;
  std::vector<weir::failed_record<order>> bad;

  // [failed_to]
  auto const amount = [](order const& o) { return std::stoi(o.amount); };  // throws std::invalid_argument
  auto const result =
      weir::run(weir::from(orders) | weir::map(amount) | weir::uid<"amount"> | weir::failed_to<"bad"> |
                weir::side<"bad">(weir::into(bad)) | weir::into(amounts));
  bool const routed = amounts == std::vector<int>{20, 7, -1} && bad.size() == 1 && bad[0].record.id == "b" &&
                      bad[0].uid == "amount" && bad[0].error == "stoi" && result.count("amount", "failed") == 1;
  // [/failed_to]

  // A dead letter is a struct that every sink takes; at is the record's event time, where it has one.
  weir::run(weir::from(orders) | weir::map(amount) | weir::failed_to<"bad"> |
            weir::side<"bad">(weir::into(weir::json_lines_file<>{.path = "bad.jsonl", .overwrite = true})) |
            weir::into(amounts));
  auto const skipped = weir::run(weir::from(orders) | weir::map(amount) | weir::uid<"amount"> |
                                 weir::skip_failed | weir::into(amounts));
  return routed && skipped.count("amount", "failed") == 1 ? 0 : 1;
}
