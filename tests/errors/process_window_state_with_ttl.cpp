// expect: weir::process_window(f): a state handle with a ttl, or of an operator and not of its keys; use value_state, list_state, map_state, ... without
#include <weir/weir.hpp>

#include "payments.hpp"

#include <tuple>

struct rising {
#ifdef WEIR_BAD
  weir::value_state<std::int64_t, "last", weir::ttl> last{weir::ttl{weir::duration{100}}};
#else
  weir::value_state<std::int64_t, "last"> last;
#endif
  auto states() { return std::tie(last); }
  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<payment> const& all, Context&, Emit const& emit) const {
    if (static_cast<std::int64_t>(all.size()) > last.value_or(0)) emit(w.key);
    last.update(static_cast<std::int64_t>(all.size()));
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"rising", std::int64_t>(rising{}) | weir::into(count));
}
