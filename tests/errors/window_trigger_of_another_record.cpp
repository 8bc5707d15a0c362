// expect: weir::window(assigner, trigger): trigger.on_element(record, context) gives no trigger_result for a record of this stream
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

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
  std::vector<payment> const in;
  std::int64_t windows = 0;
  auto count = [&windows](auto const&) { ++windows; };
  weir::run(weir::from(in) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}}, large_payment{}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
