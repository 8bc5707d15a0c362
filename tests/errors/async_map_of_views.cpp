// expect: weir::async_map: the record has a std::string_view, which does not outlive its batch; map it to one with std::string
#include <weir/weir.hpp>

#include "payments.hpp"

#include <string>
#include <string_view>

int main() {
  std::string const name = "name";
#ifdef WEIR_BAD
  auto const named = weir::map([&name](payment const&) { return std::string_view(name); });
#else
  auto const named = weir::map([&name](payment const&) { return name; });
#endif
  auto const length = [](auto const& s) { return s.size(); };
  weir::run(timed | named | weir::async_map<"length">(length) | weir::into(count));
}
