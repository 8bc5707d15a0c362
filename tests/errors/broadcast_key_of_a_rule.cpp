// expect: weir::broadcast(rules, f): context.key() in on_broadcast, which is for no key; go through the keys with context.for_each_key(f)
#include <weir/weir.hpp>

#include "limits.hpp"

struct key_limits : limits {
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
  weir::run(numbers | weir::key_by([](int i) { return i; }) | weir::broadcast<"limits">(names, key_limits{}) |
            weir::into(count));
}
