// expect: weir::window(assigner): the stream has no key; put key_by(f) before it
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
  auto const keyed = timed;
#else
  auto const keyed = timed | weir::key_by(&payment::user);
#endif
  auto const tumbling =
      weir::window(weir::tumbling_windows{.size = weir::duration{10}}) | weir::aggregate(weir::count());
  auto const sessions =
      weir::window(weir::session_windows{.gap = weir::duration{10}}) | weir::aggregate(weir::count());
  weir::run(keyed | weir::branch(weir::map([](payment const& p) { return p.user; }) | weir::into(count),
                                 tumbling | weir::into(count), sessions | weir::into(count)));
}
