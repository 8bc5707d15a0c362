// expect: under checkpoints each source, sink and operator with state needs a name; add uid<
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
  auto const timed =
      weir::from(in, weir::uid<"in">) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{});
  auto const keyed = timed | weir::key_by(&payment::user);
  auto const window = weir::window(weir::tumbling_windows{.size = weir::duration{10}});
#ifdef WEIR_BAD
  auto const rows = keyed | window | weir::aggregate(weir::count());
#else
  auto const rows = keyed | window | weir::aggregate(weir::count()) | weir::uid<"counts">;
#endif
  weir::run(rows | weir::into(count, weir::uid<"out">), weir::lmdb_store{"state"}, weir::periodic_checkpoints{},
            weir::at_least_once);
}
