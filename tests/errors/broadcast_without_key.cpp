// expect: weir::broadcast(rules, f): the stream has no key; put key_by(f) before it, or keep nothing but broadcast_state and operator state, and set no timers
#include <weir/weir.hpp>

#include "limits.hpp"

struct sum_limits : limits {
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
};

int main() { weir::run(numbers | weir::broadcast<"limits">(names, sum_limits{}) | weir::into(count)); }
