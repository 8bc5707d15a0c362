// expect: weir::broadcast(rules, f): a broadcast_state is read-only but in on_broadcast; write it there
#include <weir/weir.hpp>

#include "limits.hpp"

struct learning : limits {
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
#ifdef WEIR_BAD
    rules.put("seen", value);
#endif
    emit(value);
  }
};

int main() { weir::run(numbers | weir::broadcast<"limits">(names, learning{}) | weir::into(count)); }
