// expect: weir::assign_timestamps(f, strategy): f(record) is no weir::timestamp
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
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const time = &payment::amount;
#else
  auto const time = &payment::at;
#endif
  weir::run(weir::from(in) | weir::assign_timestamps(time, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
