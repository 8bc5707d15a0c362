// connect: orders and their payments, and the orders that nobody pays.
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

// [paid]
struct paid {
  using output = std::string;
  weir::value_state<int, "open"> open;  // what is still to be paid; shared by both inputs
  auto states() { return std::tie(open); }

  template <class Context, class Emit>
  void on_first(order const& o, Context& context, Emit const&) {
    open.get() += o.amount;
    context.set_timer(o.at + 30min);
  }
  template <class Context, class Emit>
  void on_second(payment const& p, Context& context, Emit const& emit) {
    if ((open.get() -= p.amount) > 0) return;
    emit(std::to_string(context.key()) + " is paid");
    open.clear();
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) {
    if (open) emit(std::to_string(context.key()) + " lacks " + std::to_string(*open));
  }
};
// [/paid]

int main() {
  weir::timestamp const noon{12h};
  std::vector<order> const orders{{1, 50, noon}, {2, 70, noon + 1min}};
  std::vector<payment> const payments{{1, 20, noon + 2min}, {2, 60, noon + 3min}, {1, 30, noon + 5min}};
  std::vector<std::string> out;
  // [use]
  auto const paying = weir::from(payments, weir::uid<"payments">) |
                      weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
                      weir::key_by(&payment::order);
  weir::run(weir::from(orders, weir::uid<"orders">) |
            weir::assign_timestamps(&order::at, weir::monotonous_timestamps{}) | weir::key_by(&order::id) |
            weir::connect<"paid">(paying, paid{}) | weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"1 is paid", "2 lacks 10"} ? 0 : 1;
}
