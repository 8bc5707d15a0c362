// Delays of real flights, per airport and hour of departure. The rows are in the order in which they became known, hours
// out of order in event time: --lateness says how long a window takes corrections; what comes later is shown, not lost.
//
//   flight_delays [--input examples/data/flights.csv] [--lateness MINUTES, 60] [--top ROWS, 10]
#include <weir/weir.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct flight {
  weir::timestamp scheduled_at;
  std::string origin, destination;
  int delay_minutes;
};
BOOST_HANA_ADAPT_STRUCT(flight, scheduled_at, origin, destination, delay_minutes);

struct hour {
  std::string key;  // the airport
  weir::timestamp window_start;
  std::int64_t flights;
  double average_delay, delayed_share;
};
BOOST_HANA_ADAPT_STRUCT(hour, key, window_start, flights, average_delay, delayed_share);

std::string text(weir::timestamp t) {
  char buffer[40];
  return {buffer, weir::write_timestamp(buffer, t)};
}

int whole_number(std::string_view option, std::string_view value) {
  int n = -1;
  auto const [end, error] = std::from_chars(value.begin(), value.end(), n);
  if (error != std::errc{} || end != value.end() || n < 0)
    throw std::invalid_argument(std::string(option) + " takes a number, not \"" + std::string(value) + "\"");
  return n;
}

int main(int argc, char** argv) try {
  std::string input = "examples/data/flights.csv";
  std::chrono::minutes lateness{60};
  std::size_t top = 10;
  for (int i = 1; i < argc; i += 2) {
    std::string_view const name = argv[i];
    if (name != "--input" && name != "--lateness" && name != "--top")
      throw std::invalid_argument("there is no option " + std::string(name) +
                                  "; use --input FILE, --lateness MINUTES, --top ROWS");
    if (i + 1 == argc) throw std::invalid_argument(std::string(name) + " needs a value");
    if (name == "--input") input = argv[i + 1];
    if (name == "--lateness") lateness = std::chrono::minutes(whole_number(name, argv[i + 1]));
    if (name == "--top") top = static_cast<std::size_t>(whole_number(name, argv[i + 1]));
  }

  std::map<std::pair<std::string, weir::timestamp>, hour> hours;  // a window that fires again replaces its row
  std::uint64_t updates = 0;
  std::vector<flight> late;
  auto const delayed = [](flight const& f) { return f.delay_minutes > 15 ? 1.0 : 0.0; };

  // clang-format off
  weir::run(weir::from(weir::csv_file<flight>{input})
          | weir::assign_timestamps(&flight::scheduled_at, weir::bounded_out_of_orderness{30min})
          | weir::key_by(&flight::origin)
          | weir::window(weir::tumbling_windows{.size = 1h}, weir::allowed_lateness{lateness}, weir::late_to<"late">)
          | weir::aggregate(weir::count() | weir::as<"flights">,
                            weir::avg(&flight::delay_minutes) | weir::as<"average_delay">,
                            weir::avg(delayed) | weir::as<"delayed_share">)
          | weir::side<"late">(weir::into(late))
          | weir::into([&](hour const& h) { ++updates, hours.insert_or_assign({h.key, h.window_start}, h); }));
  // clang-format on

  std::vector<hour> worst;
  for (auto const& [where, h] : hours)
    if (h.flights >= 5) worst.push_back(h);
  std::ranges::sort(worst, std::ranges::greater{}, &hour::average_delay);
  worst.resize(std::min(worst.size(), top));

  std::printf("Hours with 5 flights or more, the worst average first:\n");
  std::printf("airport  hour                  flights  average delay  delayed by > 15 min\n");
  for (hour const& h : worst)
    std::printf("%-7s  %-20s  %7lld  %9.1f min  %18.0f %%\n", h.key.c_str(), text(h.window_start).c_str(),
                static_cast<long long>(h.flights), h.average_delay, 100 * h.delayed_share);
  std::int64_t counted = 0;
  for (auto const& [where, h] : hours) counted += h.flights;
  std::printf(
      "\n%lld flights in %zu hours of airports, %llu results; %zu flights came later than %lld min after their "
      "hour had fired\n",
      static_cast<long long>(counted), hours.size(), static_cast<unsigned long long>(updates), late.size(),
      static_cast<long long>(lateness.count()));
  for (std::size_t i = 0; i < std::min<std::size_t>(late.size(), 5); ++i)
    std::printf("  late: %s %s to %s, %d min behind\n", text(late[i].scheduled_at).c_str(),
                late[i].origin.c_str(), late[i].destination.c_str(), late[i].delay_minutes);
  return 0;
} catch (std::exception const& e) {
  std::fprintf(stderr, "flight_delays: %s\n", e.what());
  return 1;
}
