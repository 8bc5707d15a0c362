// trigger: when a window gives a result. Batches of payments, and an alert as soon as a session has seen enough money.
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct payment {
  std::string user;
  std::int64_t amount;
  weir::timestamp at;
};

// [own]
// Fires once for each 100 that the payments of a window add up to, and when the window ends.
struct each_hundred {
  using state = std::int64_t;  // kept for each window of each key, and saved

  template <class Context>
  weir::trigger_result on_element(payment const& p, Context& context) const {
    context.set_timer(context.window().last());
    std::int64_t& sum = context.state();
    bool const another = (sum + p.amount) / 100 > sum / 100;
    sum += p.amount;
    return another ? weir::trigger_result::fire : weir::trigger_result::proceed;
  }
  template <class Context>
  weir::trigger_result on_event_time(weir::timestamp, Context&) const {
    return weir::trigger_result::fire;
  }
  template <class Context>
  void on_merge(std::int64_t absorbed, Context& context) const {
    context.state() += absorbed;
  }
};
// [/own]

int main() {
  weir::timestamp const noon{12h};
  std::vector<payment> const payments{{"ann", 60, noon},       {"ann", 70, noon + 1s}, {"ann", 20, noon + 2s},
                                      {"ann", 90, noon + 3s},  {"bob", 5, noon + 4s},  {"ann", 1, noon + 5s},
                                      {"ann", 10, noon + 60s}, {"ann", 10, noon + 61s}};
  // [use]
  auto const keyed = weir::from(payments) |
                     weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
                     weir::key_by(&payment::user);
  auto const sum =
      weir::aggregate(weir::sum(&payment::amount)) | weir::map([](auto const& w) { return w["sum"_c]; });

  std::vector<std::int64_t> batches, alerts;
  weir::run(keyed |
            weir::window(weir::tumbling_windows{.size = 1h}, weir::purging(weir::count_trigger{.count = 2})) |
            sum | weir::into(batches));
  weir::run(keyed | weir::window(weir::session_windows{.gap = 30s}, each_hundred{}) | sum | weir::into(alerts));
  // [/use]
  bool const right = batches == std::vector<std::int64_t>{130, 110, 11} &&
                     alerts == std::vector<std::int64_t>{130, 240, 5, 241, 20};
  return right ? 0 : 1;
}
