// expect: weir::aggregate(functions...): two columns have the same name; name one with as<name>
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
  auto const second = weir::sum(&payment::user);
#else
  auto const second = weir::sum(&payment::user) | weir::as<"users">;
#endif
  weir::run(keyed | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::sum(&payment::amount), second) | weir::into(count));
}
