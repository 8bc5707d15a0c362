// expect: weir::process_window(f): the record has a std::string_view, which does not outlive its batch; map it to one with std::string first
// shows: "note"
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct payment {
  std::int64_t user;
  std::string_view note;
};
BOOST_HANA_ADAPT_STRUCT(payment, user, note);

struct owned {
  std::int64_t user;
  std::string note;
};

int main() {
  std::vector<payment> const in;
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const payments = weir::from(in);
#else
  auto const payments = weir::from(in) | weir::map([](payment const& p) {
                          return owned{p.user, std::string(p.note)};
                        });
#endif
  weir::run(
      payments |
      weir::assign_timestamps([](auto const&) { return weir::timestamp{}; }, weir::monotonous_timestamps{}) |
      weir::key_by([](auto const& p) { return p.user; }) |
      weir::window(weir::session_windows{.gap = weir::duration{1}}) |
      weir::process_window<"all", int>(
          [](auto const&, auto const& all, auto const& emit) { emit(static_cast<int>(all.size())); }) |
      weir::into(count));
}
