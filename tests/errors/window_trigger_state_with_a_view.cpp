// expect: weir::window(assigner, trigger): the trigger's state has a std::string_view, which does not outlive its batch; keep a std::string
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct payment {
  std::int64_t user;
  std::string country;
  weir::timestamp at;
};

// Fires when the country changes.
struct another_country {
#ifdef WEIR_BAD
  using state = std::string_view;
#else
  using state = std::string;
#endif
  template <class Context>
  weir::trigger_result on_element(payment const& p, Context& context) const {
    bool const other = context.state() != p.country;
    context.state() = p.country;
    return other ? weir::trigger_result::fire : weir::trigger_result::proceed;
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
            weir::window(weir::tumbling_windows{.size = weir::duration{10}}, another_country{}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
