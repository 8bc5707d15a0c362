// expect: weir::window(assigner, options...): the first argument assigns no windows
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
  auto const keyed = timed | weir::key_by(&payment::user);
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const assigner = weir::duration{10};
#else
  auto const assigner = weir::tumbling_windows{.size = weir::duration{10}};
#endif
  weir::run(keyed | weir::window(assigner) | weir::aggregate(weir::count()) | weir::into(count));
}
