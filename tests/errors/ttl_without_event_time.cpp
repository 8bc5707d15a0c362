// expect: weir::process(f): a state handle with event_time_ttl without event time; put assign_timestamps(f, strategy) before it
#include <weir/weir.hpp>

#include <tuple>
#include <vector>

using namespace std::chrono_literals;

struct reading {
  int sensor;
  weir::timestamp at;
};

struct counts {
  using output = int;
  weir::value_state<int, "count", weir::event_time_ttl> count{weir::event_time_ttl{.after = 10s}};
  auto states() { return std::tie(count); }
  template <class Context, class Emit>
  void on_record(reading const&, Context&, Emit const& emit) {
    emit(++count.get());
  }
};

int main() {
  std::vector<reading> const in;
  std::vector<int> out;
  weir::run(weir::from(in) |
#ifndef WEIR_BAD
            weir::assign_timestamps(&reading::at, weir::monotonous_timestamps{}) |
#endif
            weir::key_by(&reading::sensor) | weir::process<"counts">(counts{}) | weir::into(out));
}
