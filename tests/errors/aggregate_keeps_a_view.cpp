// expect: weir::aggregate(functions...): a function keeps a std::string_view, which does not outlive its batch; give it a std::string
// shows: "max.second"
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct payment {
  std::string_view user;
  std::int64_t amount;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const amount = [](payment const& p) { return std::pair(p.amount, p.user); };
#else
  auto const amount = [](payment const& p) { return std::pair(p.amount, std::string(p.user)); };
#endif
  weir::run(weir::from(in) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::min(&payment::amount), weir::max(amount)) | weir::into(count));
}
