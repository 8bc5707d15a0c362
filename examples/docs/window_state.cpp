// The context of process_window: what a shop takes in an hour, told when it has doubled, and whether the hour was its best.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

struct payment {
  std::string shop;
  int amount;
};

// [function]
struct doubling {
  weir::value_state<int, "told"> told;  // of the window: the last sum that was told
  weir::value_state<int, "best"> best;  // of the shop: the most in an hour so far
  auto window_states() { return std::tie(told); }
  auto states() { return std::tie(best); }
  using side_outputs = weir::side_outputs<weir::side_output<"records", std::string>>;

  template <class Window, class Row, class Context, class Emit>
  void operator()(Window const& w, Row const& row, Context&, Emit const& emit) const {
    int const sum = static_cast<int>(row["sum"_c]);
    if (told && sum < 2 * *told) return;
    told.update(sum);
    emit(w.key + " " + std::to_string(sum));
  }
  // The window is gone, and what is kept for it goes next.
  template <class Window, class Context>
  void clear(Window const& w, Context& context) const {
    if (told.value_or(0) <= best.value_or(0)) return;
    best.update(*told);
    context.side(weir::to<"records">, w.key + " " + std::to_string(*told));
  }
};
// [/function]

int main() {
  // [use]
  auto const early = weir::either_trigger(weir::event_time_trigger{}, weir::count_trigger{.count = 1});
  auto const hours =
      weir::key_by(&payment::shop) | weir::window(weir::tumbling_windows{.size = 1h}, early) |
      weir::process_window<"hours", std::string>(weir::aggregate(weir::sum(&payment::amount)), doubling{});
  // [/use]
  auto t = weir::testing::test_driver<payment>(hours);
  for (int amount : {10, 5, 5, 19, 1}) t.push({"Rome", amount}, at(30min));
  t.push({"Rome", 30}, at(90min));
  t.push({"Rome", 70}, at(150min));
  t.watermark(at(4h));
  std::vector<std::string> out, records;
  for (auto const& r : t.take()) out.push_back(r.value);
  for (auto const& r : t.take_side<"records">()) records.push_back(r.value);
  return out == std::vector<std::string>{"Rome 10", "Rome 20", "Rome 40", "Rome 30", "Rome 70"} &&
                 records == std::vector<std::string>{"Rome 40", "Rome 70"}
             ? 0
             : 1;
}
