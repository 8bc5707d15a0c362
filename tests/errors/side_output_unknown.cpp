// expect: weir::side<name>(chain): no operator above has a side output of this name
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
  std::vector<payment> late;
  auto const rows = keyed |
                    weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">) |
                    weir::aggregate(weir::count());
#ifdef WEIR_BAD
  auto const consumed = rows | weir::side<"lste">(weir::into(late));
#else
  auto const consumed = rows | weir::side<"late">(weir::into(late));
#endif
  weir::run(consumed | weir::into(count));
}
