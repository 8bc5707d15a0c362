// expect: weir::key_by(f...): f cannot be called with a record of this stream
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
  auto const timed = weir::from(in) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{});
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const key = &std::vector<int>::size;
#else
  auto const key = &payment::user;
#endif
  weir::run(timed | weir::key_by(key) | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
