// expect: weir::key_by(f...): the key has a std::string_view inside, which does not outlive its batch
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct payment {
  std::string_view user;
  std::int64_t card;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  auto const timed = weir::from(in) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{});
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const key = [](payment const& p) { return std::pair(p.user, p.card); };
#else
  auto const key = [](payment const& p) { return std::pair(std::string(p.user), p.card); };
#endif
  weir::run(timed | weir::key_by(key) | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
