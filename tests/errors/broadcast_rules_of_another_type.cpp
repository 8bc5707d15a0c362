// expect: weir::broadcast(rules, f): f.on_broadcast(record, context, emit) cannot be called with a record of rules
#include <weir/weir.hpp>

#include "limits.hpp"

struct limits_of_ints : limits {
#ifdef WEIR_BAD
  template <class Context, class Emit>
  void on_broadcast(std::vector<int> const&, Context&, Emit const&) {
    rules.put("all", 1);
  }
#endif
};

int main() { weir::run(numbers | weir::broadcast<"limits">(names, limits_of_ints{}) | weir::into(count)); }
