// expect: weir::broadcast(rules, f): f has no broadcast_state<K, V, name> to keep the rules in
#include <weir/weir.hpp>

#include <string>
#include <tuple>
#include <vector>

struct limits {
  using output = int;
#ifdef WEIR_BAD
  weir::operator_list_state<std::string, "rules"> rules;
#else
  weir::broadcast_state<std::string, int, "rules"> rules;
#endif
  auto states() { return std::tie(rules); }

  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
    if (rules.size() > 3) emit(value);
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& name, Context&, Emit const&) {
#ifdef WEIR_BAD
    rules.add(name);
#else
    rules.put(name, 1);
#endif
  }
};

int main() {
  std::vector<int> const in;
  std::vector<std::string> const names;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::broadcast<"limits">(weir::from(names), limits{}) | weir::into(out));
}
