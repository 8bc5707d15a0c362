// expect: weir::process_window(f): f has no side output of this name; add it to `using side_outputs`
#include <weir/weir.hpp>

#include "payments.hpp"

struct busy {
#ifndef WEIR_BAD
  using side_outputs = weir::side_outputs<weir::side_output<"quiet", std::int64_t>>;
#else
  using side_outputs = weir::side_outputs<weir::side_output<"silent", std::int64_t>>;
#endif
  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<payment> const& all, Context& context, Emit const& emit) const {
    if (all.size() > 9)
      emit(w.key);
    else
      context.side(weir::to<"quiet">, context.key());
  }
};

int main() {
  weir::run(keyed | tumbling | weir::process_window<"busy", std::int64_t>(busy{}) |
#ifdef WEIR_BAD
            weir::discard<"silent"> |
#else
            weir::discard<"quiet"> |
#endif
            weir::into(count));
}
