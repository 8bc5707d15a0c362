// expect: weir::run(pipeline): two operators have the same uid; each needs its own
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
  std::vector<payment> out;
  auto const timed =
      weir::from(in, weir::uid<"in">) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{});
  auto const keyed = timed | weir::key_by(&payment::user);
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const second = weir::uid<"one">;
#else
  auto const second = weir::uid<"two">;
#endif
  auto const rule =
      weir::window(weir::tumbling_windows{.size = weir::duration{10}}) | weir::aggregate(weir::count());
  weir::run(keyed | weir::branch(rule | weir::uid<"one">, rule | second) | weir::into(count, weir::uid<"out">));
}
