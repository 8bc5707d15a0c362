// expect: weir::broadcast(rules, f): on_record of f is not const; it may not write the broadcast_state
#include <weir/weir.hpp>

#include <string>
#include <tuple>
#include <vector>

struct limits {
  using output = int;
  weir::broadcast_state<std::string, int, "rules"> rules;
  auto states() { return std::tie(rules); }

  template <class Context, class Emit>
#ifdef WEIR_BAD
  void on_record(int value, Context&, Emit const& emit){
#else
  void on_record(int value, Context&, Emit const& emit) const {
#endif
      if (rules.size() > 3) emit(value);
} template <class Context, class Emit>
void on_broadcast(std::string const& name, Context&, Emit const&) {
  rules.put(name, 1);
}
}
;

int main() {
  std::vector<int> const in;
  std::vector<std::string> const names;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::broadcast<"limits">(weir::from(names), limits{}) | weir::into(out));
}
