// process: state and timers for each key. A sensor that is silent for 10 s is reported.
#include <weir/weir.hpp>

#include <vector>

using namespace std::chrono_literals;

struct reading {
  std::string sensor;
  weir::timestamp at;
};

// [silence]
struct silence {
  using output = std::string;
  weir::value_state<weir::timestamp, "last"> last;
  auto states() { return std::tie(last); }

  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit&&) {
    if (last) context.delete_timer(*last + 10s);
    last.update(r.at);
    context.set_timer(r.at + 10s);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit&& emit) {
    emit(context.key() + " is silent");
    last.clear();
  }
};
// [/silence]

int main() {
  weir::timestamp const noon{12h};
  std::vector<reading> const readings{{"a", noon}, {"b", noon}, {"b", noon + 9s}, {"b", noon + 14s}};
  std::vector<std::string> out;
  // [use]
  weir::run(weir::from(readings) | weir::assign_timestamps(&reading::at, weir::monotonous_timestamps{}) |
            weir::key_by(&reading::sensor) | weir::process<"silence">(silence{}) | weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"a is silent", "b is silent"} ? 0 : 1;
}
