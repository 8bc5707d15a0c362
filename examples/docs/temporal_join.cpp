// temporal_join: payments in the exchange rate of their time.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

struct payment {
  std::string currency;
  double amount;
  weir::timestamp at;
};
struct rate {
  std::string currency;
  double euros;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<payment> const payments{{"USD", 10, noon + 1min}, {"USD", 10, noon + 5min}};
  std::vector<rate> const rates{{"USD", 0.5, noon}, {"USD", 0.75, noon + 5min}, {"USD", 0.8, noon + 6min}};
  std::vector<double> out;
  // [use]
  auto const versions = weir::from(rates, weir::uid<"rates">) |
                        weir::assign_timestamps(&rate::at, weir::monotonous_timestamps{}) |
                        weir::key_by(&rate::currency);
  auto const in_euros = [](payment const& p, rate const& r) { return p.amount * r.euros; };
  weir::run(weir::from(payments, weir::uid<"payments">) |
            weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::currency) | weir::temporal_join<"rated">(versions, in_euros) |
            weir::into(out));
  // [/use]
  return out == std::vector<double>{5, 7.5} ? 0 : 1;
}
