// expect: weir::process_window(f): two state handles have the same name, or one has none or a name of the windows themselves
#include <weir/weir.hpp>

#include "payments.hpp"

#include <tuple>

struct firings {
  weir::value_state<std::int64_t, "all"> of_key;
#ifdef WEIR_BAD
  weir::value_state<std::int64_t, "all"> of_window;
#else
  weir::value_state<std::int64_t, "own"> of_window;
#endif
  auto states() { return std::tie(of_key); }
  auto window_states() { return std::tie(of_window); }
  template <class Window, class Context, class Emit>
  void operator()(Window const&, std::vector<payment> const&, Context&, Emit const& emit) const {
    emit(++of_key.get() - ++of_window.get());
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"firings", std::int64_t>(firings{}) | weir::into(count));
}
