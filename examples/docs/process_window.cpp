// process_window: the median of what each shop takes in an hour, for which all payments are needed.
#include <weir/weir.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct payment {
  std::string shop;
  int amount;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<payment> const payments{{"Rome", 50, noon},         {"Oslo", 70, noon + 1min},
                                      {"Rome", 5, noon + 2min},   {"Rome", 20, noon + 9min},
                                      {"Rome", 60, noon + 61min}, {"Rome", 10, noon + 62min}};
  std::vector<std::string> out;
  // [use]
  auto const median = [](weir::keyed_window<std::string> const& w, std::vector<payment> const& all,
                         auto const& emit) {
    if (all.size() < 2) return;
    std::vector<int> amounts;
    for (payment const& p : all) amounts.push_back(p.amount);
    auto const middle = amounts.begin() + static_cast<std::ptrdiff_t>(amounts.size() / 2);
    std::nth_element(amounts.begin(), middle, amounts.end());
    emit(w.key + " " + std::to_string(*middle));
  };
  weir::run(weir::from(payments) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::shop) | weir::window(weir::tumbling_windows{.size = 1h}) |
            weir::process_window<"median", std::string>(median) | weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"Rome 20", "Rome 60"} ? 0 : 1;
}
