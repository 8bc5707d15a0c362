// co_group: what each shop has sold and taken back in an hour.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

struct sale {
  std::string shop;
  int amount;
  weir::timestamp at;
};
struct refund {
  std::string shop;
  int amount;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<sale> const sales{{"Rome", 50, noon}, {"Oslo", 70, noon + 1min}, {"Rome", 5, noon + 2min}};
  std::vector<refund> const refunds{{"Rome", 20, noon + 9min}, {"Oslo", 60, noon + 1h}};
  std::vector<std::string> out;
  // [use]
  auto const returned = weir::from(refunds, weir::uid<"refunds">) |
                        weir::assign_timestamps(&refund::at, weir::monotonous_timestamps{}) |
                        weir::key_by(&refund::shop);
  auto const balance = [](weir::keyed_window<std::string> const& w, std::vector<sale> const& sold,
                          std::vector<refund> const& back, auto const& emit) {
    int sum = 0;
    for (sale const& s : sold) sum += s.amount;
    for (refund const& r : back) sum -= r.amount;
    if (!back.empty()) emit(w.key + " " + std::to_string(sum));
  };
  weir::run(weir::from(sales, weir::uid<"sales">) |
            weir::assign_timestamps(&sale::at, weir::monotonous_timestamps{}) | weir::key_by(&sale::shop) |
            weir::window(weir::tumbling_windows{.size = 1h}) |
            weir::co_group<"balance", std::string>(returned, balance) | weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"Rome 35", "Oslo -60"} ? 0 : 1;
}
