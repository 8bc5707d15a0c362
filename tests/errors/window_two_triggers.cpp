// expect: weir::window(assigner, options...): there is more than one trigger
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  std::int64_t windows = 0;
  auto count = [&windows](auto const&) { ++windows; };
  weir::run(weir::from(in) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}},
#ifdef WEIR_BAD
                         weir::event_time_trigger{},
#endif
                         weir::count_trigger{.count = 3}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
