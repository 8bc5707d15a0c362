// broadcast: limits that come while payments do, and that hold for all users.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

struct payment {
  std::string user;
  int amount;
  weir::timestamp at;
};
struct limit {
  std::string country;
  int most;
  weir::timestamp at;
};

// [over_limit]
struct over_limit {
  using output = std::string;
  weir::value_state<int, "spent"> spent;                     // of the user
  weir::broadcast_state<std::string, int, "limits"> limits;  // of all
  auto states() { return std::tie(spent, limits); }

  template <class Context, class Emit>
  void on_record(payment const& p, Context& context, Emit const& emit) const {
    spent.get() += p.amount;
    for (auto const& [country, most] : limits)
      if (*spent > most) emit(context.key() + ": too much for " + country);
  }
  template <class Context, class Emit>
  void on_broadcast(limit const& l, Context& context, Emit const& emit) {
    limits.put(l.country, l.most);
    context.for_each_key([&](std::string const& user) {
      if (*spent > l.most) emit(user + ": was too much for " + l.country);
    });
  }
};
// [/over_limit]

int main() {
  weir::timestamp const noon{12h};
  std::vector<payment> const payments{
      {"ann", 50, noon + 1s}, {"bob", 70, noon + 2s}, {"ann", 20, noon + 5s}, {"ann", 1, noon + 9s}};
  std::vector<limit> const rules{{"FR", 100, noon}, {"IT", 90, noon + 3s}, {"DE", 60, noon + 4s}};
  std::vector<std::string> out;
  // [use]
  auto const limits = weir::from(rules, weir::uid<"rules">) |
                      weir::assign_timestamps(&limit::at, weir::monotonous_timestamps{});
  weir::run(weir::from(payments, weir::uid<"payments">) |
            weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) | weir::broadcast<"over limit">(limits, over_limit{}) |
            weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"ann: was too much for DE", "bob: was too much for DE",
                                         "ann: too much for DE"}
             ? 0
             : 1;
}
