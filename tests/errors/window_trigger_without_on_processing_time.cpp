// expect: weir::window(assigner, trigger): the trigger calls set_processing_timer(at) and has no on_processing_time(at, context)
#include <weir/weir.hpp>

#include "payments.hpp"

struct by_the_clock {
  template <class Context>
  weir::trigger_result on_element(payment const&, Context& context) const {
    context.set_processing_timer(context.processing_time());
    return weir::trigger_result::proceed;
  }
  template <class Context>
  weir::trigger_result on_event_time(weir::timestamp, Context&) const {
    return weir::trigger_result::fire;
  }
#ifndef WEIR_BAD
  template <class Context>
  weir::trigger_result on_processing_time(weir::timestamp, Context&) const {
    return weir::trigger_result::fire;
  }
#endif
};

int main() {
  weir::run(keyed | weir::window(weir::tumbling_windows{.size = weir::duration{10}}, by_the_clock{}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
