// expect: weir::process(f): a state handle keeps a std::string_view, which does not outlive its batch; keep a std::string
// shows: "seen.second"
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

struct payment {
  std::int64_t user;
  std::string_view country;
};

struct travels {
  using output = std::int64_t;
#ifdef WEIR_BAD
  weir::value_state<std::pair<std::int64_t, std::string_view>, "seen"> seen;
#else
  weir::value_state<std::pair<std::int64_t, std::string>, "seen"> seen;
#endif
  auto states() { return std::tie(seen); }
  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit const& emit) {
    if (seen && seen->second != p.country) emit(p.user);
    seen.get().second = p.country;
  }
};

int main() {
  std::vector<payment> const in;
  std::vector<std::int64_t> out;
  weir::run(weir::from(in) | weir::key_by(&payment::user) | weir::process<"travels">(travels{}) |
            weir::into(out));
}
