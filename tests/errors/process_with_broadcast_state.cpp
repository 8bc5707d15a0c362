// expect: weir::process(f): f has a broadcast_state, which nothing would write; use broadcast(rules, f)
#include <weir/weir.hpp>

#include <string>
#include <tuple>
#include <vector>

struct limits {
  using output = int;
#ifdef WEIR_BAD
  weir::broadcast_state<std::string, int, "rules"> rules;
#else
  weir::operator_list_state<std::string, "rules"> rules;
#endif
  auto states() { return std::tie(rules); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    if (!rules.empty()) emit(value);
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::process<"limits">(limits{}) | weir::into(out));
}
