// expect: weir::into(sink): what the sink keeps has a std::string_view, which does not outlive its batch
// shows: "(the value itself)"
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

int main() {
  std::vector<std::string> const in;
#ifdef WEIR_BAD
  std::string_view last;
#else
  std::string last;
#endif
  auto const later = [](auto const&, std::string const& line) { return decltype(last)(line); };
  weir::run(weir::from(in) | weir::into(weir::fold(&last, later)));
}
