// expect: weir::window(assigner, trigger): trigger.on_element(record, context) gives no trigger_result for a record of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

struct large_payment {
  template <class Context>
#ifdef WEIR_BAD
  bool
#else
  weir::trigger_result
#endif
  on_element(payment const& p, Context&) const {
#ifdef WEIR_BAD
    return p.amount > 1000;
#else
    return p.amount > 1000 ? weir::trigger_result::fire : weir::trigger_result::proceed;
#endif
  }
  template <class Context>
  weir::trigger_result on_event_time(weir::timestamp, Context&) const {
    return weir::trigger_result::proceed;
  }
};

int main() {
  weir::run(keyed | weir::window(weir::tumbling_windows{.size = weir::duration{10}}, large_payment{}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
