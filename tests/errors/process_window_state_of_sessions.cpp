// expect: weir::process_window(f): window_states() for windows that merge, such as sessions; keep it for the key, with states()
#include <weir/weir.hpp>

#include "payments.hpp"

#include <tuple>

struct rising {
  weir::value_state<std::int64_t, "last"> last;
#ifdef WEIR_BAD
  auto window_states() { return std::tie(last); }
#else
  auto states() { return std::tie(last); }
#endif
  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<payment> const& all, Context&, Emit const& emit) const {
    if (static_cast<std::int64_t>(all.size()) > last.value_or(0)) emit(w.key);
    last.update(static_cast<std::int64_t>(all.size()));
  }
};

int main() {
  weir::run(keyed | weir::window(weir::session_windows{.gap = weir::duration{10}}) |
            weir::process_window<"rising", std::int64_t>(rising{}) | weir::into(count));
}
