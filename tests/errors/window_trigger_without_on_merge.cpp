// expect: weir::window(assigner, trigger): windows of this assigner merge; the trigger needs on_merge(absorbed state, context)
#include <weir/weir.hpp>

#include "payments.hpp"

// Fires when the window has seen a large payment.
struct large_payment {
  using state = bool;
  template <class Context>
  weir::trigger_result on_element(payment const& p, Context& context) const {
    if (p.amount > 1000) context.state() = true;
    return context.state() ? weir::trigger_result::fire : weir::trigger_result::proceed;
  }
  template <class Context>
  weir::trigger_result on_event_time(weir::timestamp, Context&) const {
    return weir::trigger_result::proceed;
  }
#ifndef WEIR_BAD
  template <class Context>
  void on_merge(bool absorbed, Context& context) const {
    context.state() |= absorbed;
  }
#endif
};

int main() {
  weir::run(keyed | weir::window(weir::session_windows{.gap = weir::duration{10}}, large_payment{}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
