// expect: weir::broadcast(rules, f): context.key() in on_broadcast, which is for no key; go through the keys with context.for_each_key(f)
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
  void on_broadcast(std::string const& name, Context& context, Emit const&) {
#ifdef WEIR_BAD
    rules.put(name, context.key());
#else
    context.for_each_key([&](int key) { rules.put(name, key); });
#endif
  }
};

int main() {
  std::vector<int> const in;
  std::vector<std::string> const names;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int i) { return i; }) |
            weir::broadcast<"limits">(weir::from(names), limits{}) | weir::into(out));
}
