// expect: weir::process_window(f): a state handle keeps a std::string_view, which does not outlive its batch; keep a std::string
#include <weir/weir.hpp>

#include "payments.hpp"

#include <string>
#include <string_view>
#include <tuple>

struct named {
#ifdef WEIR_BAD
  weir::value_state<std::string_view, "name"> name;
#else
  weir::value_state<std::string, "name"> name;
#endif
  auto window_states() { return std::tie(name); }
  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<payment> const&, Context&, Emit const& emit) const {
    if (!name) emit(w.key);
    name.update("seen");
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"named", std::int64_t>(named{}) | weir::into(count));
}
