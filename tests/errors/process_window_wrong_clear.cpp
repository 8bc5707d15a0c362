// expect: weir::process_window(f): f.clear(window, context) cannot be called with a keyed_window
#include <weir/weir.hpp>

#include "payments.hpp"

struct busy {
  template <class Window, class Emit>
  void operator()(Window const& w, std::vector<payment> const&, Emit const& emit) const {
    emit(w.key);
  }
#ifdef WEIR_BAD
  void clear(int) const {}
#else
  template <class Window, class Context>
  void clear(Window const&, Context&) const {}
#endif
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"busy", std::int64_t>(busy{}) | weir::into(count));
}
