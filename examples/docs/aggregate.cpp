// aggregate: several functions of a window at once, one of them of our own; rows convert to a struct by name.
#include <weir/weir.hpp>

#include <vector>

using namespace std::chrono_literals;

struct ride {
  std::string city;
  std::int64_t km;
  weir::timestamp at;
};
struct summary {
  std::string key;
  std::uint64_t count;
  std::int64_t longest, squares;
  bool operator==(summary const&) const = default;
};
BOOST_HANA_ADAPT_STRUCT(summary, key, count, longest, squares);

// [own]
struct sum_of_squares {
  std::int64_t zero() const { return 0; }
  void add(std::int64_t& acc, ride const& r) const { acc += r.km * r.km; }
  void merge(std::int64_t& acc, std::int64_t later) const { acc += later; }
  std::int64_t result(std::int64_t acc) const { return acc; }
};
// [/own]

int main() {
  weir::timestamp const noon{12h};
  std::vector<ride> const rides{{"Rome", 3, noon}, {"Rome", 4, noon + 9s}, {"Rome", 5, noon + 10s}};
  std::vector<summary> out;
  // [use]
  weir::run(weir::from(rides) | weir::assign_timestamps(&ride::at, weir::monotonous_timestamps{}) |
            weir::key_by(&ride::city) | weir::window(weir::tumbling_windows{.size = 10s}) |
            weir::aggregate(weir::count(), weir::max(&ride::km) | weir::as<"longest">,
                            sum_of_squares{} | weir::as<"squares">) |
            weir::map([](auto const& row) { return summary(row); }) | weir::into(out));
  // [/use]
  return out == std::vector<summary>{{"Rome", 2, 4, 25}, {"Rome", 1, 5, 25}} ? 0 : 1;
}
