// expect: weir::branch(chains...): assign_timestamps, async_map, by_processing_time or a second input (broadcast, connect, a join) in a chain that does not end in into(sink); put it before branch
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

using namespace weir::literals;

struct payment {
  std::int64_t user;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  std::vector<std::int64_t> out;
  auto const time = weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{});
  auto const first = weir::filter([](payment const& p) { return p.user < 10; });
  auto const second = weir::filter([](payment const& p) { return p.user >= 10; });
#ifdef WEIR_BAD
  auto const timed = weir::from(in) | weir::branch(first | time, second | time);
#else
  auto const timed = weir::from(in) | time | weir::branch(first, second);
#endif
  weir::run(timed | weir::key_by(&payment::user) |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}}) | weir::aggregate(weir::count()) |
            weir::map([](auto const& w) { return w["count"_c]; }) | weir::into(out));
}
