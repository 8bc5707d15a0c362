// expect: weir::async_map: a side output made above is not consumed; put side<name>(chain) or discard<name> before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  std::vector<payment> late;
  auto const counted = keyed |
                       weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">) |
                       weir::aggregate(weir::count());
  auto const ask = weir::async_map<"ask">([](auto const& w) { return w; });
#ifdef WEIR_BAD
  weir::run(counted | ask | weir::side<"late">(weir::into(late)) | weir::into(count));
#else
  weir::run(counted | weir::side<"late">(weir::into(late)) | ask | weir::into(count));
#endif
}
