// expect: weir::process_window(f): states() or window_states() gives what is no state handle; give std::tie(...) of value_state
#include <weir/weir.hpp>

#include "payments.hpp"

#include <tuple>

struct counting {
#ifdef WEIR_BAD
  std::int64_t seen = 0;
#else
  weir::value_state<std::int64_t, "seen"> seen;
#endif
  auto window_states() { return std::tie(seen); }
  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<payment> const&, Context&, Emit const& emit) const {
    emit(w.key);
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"counting", std::int64_t>(counting{}) | weir::into(count));
}
