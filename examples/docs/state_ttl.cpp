// State that folds, and state that expires: a reading that came before is dropped for an hour, and what a sensor did lately
// is summed up.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <functional>
#include <tuple>

using namespace std::chrono_literals;
using namespace weir::literals;

// [recent]
struct reading {
  std::string sensor;
  std::int64_t number;
  double celsius;
};

struct recent {
  using output = double;
  // Numbers that were seen, each for an hour of event time after it came.
  weir::map_state<std::int64_t, bool, "seen", weir::event_time_ttl> seen{weir::event_time_ttl{.after = 1h}};
  // The mean since the sensor was last silent for ten minutes.
  weir::aggregating_state<reading, decltype(weir::avg(&reading::celsius)), "mean", weir::event_time_ttl> mean{
      weir::event_time_ttl{.after = 10min}, weir::avg(&reading::celsius)};
  // For ever, and without a ttl.
  weir::reducing_state<std::int64_t, std::plus<>, "readings"> readings;
  auto states() { return std::tie(seen, mean, readings); }

  template <class Context, class Emit>
  void on_record(reading const& r, Context&, Emit const& emit) {
    if (seen.contains(r.number)) return;
    seen.put(r.number, true);
    readings.add(1);
    mean.add(r);
    emit(*mean.get());
  }
};
// [/recent]

// [clock]
struct greets {
  using output = std::string;
  weir::value_state<bool, "greeted", weir::ttl> greeted{weir::ttl{
      .after = 24h,
      .update = weir::ttl_update::on_read_and_write,
      .visibility = weir::ttl_visibility::never_return_expired,
  }};
  auto states() { return std::tie(greeted); }

  template <class Context, class Emit>
  void on_record(std::string const& name, Context&, Emit const& emit) {
    if (greeted) return;
    greeted.update(true);
    emit("hello " + name);
  }
};

inline bool greets_once_a_day() {
  using weir::testing::at;
  auto const chain =
      weir::key_by([](std::string const& name) { return name; }) | weir::process<"greets">(greets{});
  auto t = weir::testing::test_driver<std::string, weir::untimed>(chain);
  t.push("ada"), t.push("ada");
  t.processing_time(at(23h));  // nobody sleeps in a test
  t.push("ada");
  t.processing_time(at(23h + 24h));
  t.push("ada");
  return t.take() == std::vector<std::string>{"hello ada", "hello ada"};
}
// [/clock]

int main() {
  using weir::testing::at;
  auto t =
      weir::testing::test_driver<reading>(weir::key_by(&reading::sensor) | weir::process<"recent">(recent{}));
  t.push({"a", 1, 20}, at(1s));
  t.push({"a", 1, 20}, at(2s));  // seen
  t.push({"a", 2, 22}, at(3s));
  t.watermark(at(11min));
  t.push({"a", 3, 30}, at(12min));  // the mean has expired
  t.watermark(at(2h));
  t.push({"a", 1, 40}, at(3h));  // all has
  std::vector<double> means;
  for (auto const& o : t.take()) means.push_back(o.value);
  return means == std::vector<double>{20, 21, 30, 40} && greets_once_a_day() ? 0 : 1;
}
