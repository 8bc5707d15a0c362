// expect: weir::broadcast(rules, f): the stream has no key; put key_by(f) before it, or keep nothing but broadcast_state and operator state, and set no timers
#include <weir/weir.hpp>

#include <string>
#include <tuple>
#include <vector>

struct limits {
  using output = int;
  weir::broadcast_state<std::string, int, "rules"> rules;
#ifdef WEIR_BAD
  weir::value_state<int, "sum"> sum;
#else
  weir::operator_value_state<int, "sum"> sum;
#endif
  auto states() { return std::tie(rules, sum); }

  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
    if ((sum.get() += value) > 3) emit(value);
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& name, Context&, Emit const&) {
    rules.put(name, 1);
  }
};

int main() {
  std::vector<int> const in;
  std::vector<std::string> const names;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::broadcast<"limits">(weir::from(names), limits{}) | weir::into(out));
}
