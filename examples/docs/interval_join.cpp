// interval_join: orders with the payments that come within the hour.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

struct order {
  int id;
  int amount;
  weir::timestamp at;
};
struct payment {
  int order;
  int amount;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<order> const orders{{1, 50, noon}, {2, 70, noon + 1min}};
  std::vector<payment> const payments{
      {1, 20, noon + 2min}, {2, 60, noon + 1h + 2min}, {1, 30, noon + 1h + 5min}};
  std::vector<std::string> out;
  // [use]
  auto const paying = weir::from(payments, weir::uid<"payments">) |
                      weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
                      weir::key_by(&payment::order);
  auto const text = [](order const& o, payment const* p) {
    return std::to_string(o.id) + (p == nullptr ? " has no payment" : " got " + std::to_string(p->amount));
  };
  weir::run(weir::from(orders, weir::uid<"orders">) |
            weir::assign_timestamps(&order::at, weir::monotonous_timestamps{}) | weir::key_by(&order::id) |
            weir::interval_join<"paid">(paying, {.lower = 0s, .upper = 1h}, text, weir::left_outer) |
            weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"1 got 20", "2 has no payment"} ? 0 : 1;
}
