// expect: weir::testing::test_driver: take() of a value with a std::string_view into a record that is gone; map it to one with std::string first
// shows: "second"
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

struct payment {
  std::int64_t user;
  std::string note;
};

int main() {
#ifdef WEIR_BAD
  using text = std::string_view;
#else
  using text = std::string;
#endif
  auto t = weir::testing::test_driver<payment>(
      weir::map([](payment const& p) { return std::pair(p.user, text(p.note)); }));
  t.push({1, "a note"}, weir::testing::at(weir::duration{1}));
  return t.take().size() == 1 ? 0 : 1;
}
