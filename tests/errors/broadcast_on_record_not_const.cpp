// expect: weir::broadcast(rules, f): on_record of f is not const; it may not write the broadcast_state
#include <weir/weir.hpp>

#include "limits.hpp"

struct changing : limits {
#ifdef WEIR_BAD
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    emit(value);
  }
#endif
};

int main() { weir::run(numbers | weir::broadcast<"limits">(names, changing{}) | weir::into(count)); }
