// expect: weir::broadcast(rules, f): rules is no open pipeline; begin it with from(source), without into
#include <weir/weir.hpp>

#include <string>
#include <tuple>
#include <vector>

struct limits {
  using output = int;
  weir::broadcast_state<std::string, int, "rules"> rules;
  auto states() { return std::tie(rules); }

  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
    if (rules.size() > 3) emit(value);
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
#ifdef WEIR_BAD
  auto const rules = names;
#else
  auto const rules = weir::from(names);
#endif
  weir::run(weir::from(in) | weir::broadcast<"limits">(rules, limits{}) | weir::into(out));
}
