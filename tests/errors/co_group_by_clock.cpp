// expect: weir::co_group(second, f): windows of two streams are of event time
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::tumbling_windows const ten{.size = weir::duration{10}};
#ifdef WEIR_BAD
  auto const windows = weir::window(weir::by_processing_time(ten));
#else
  auto const windows = weir::window(ten);
#endif
  weir::run(keyed | windows |
            weir::co_group<"both", std::int64_t>(
                keyed, [](auto const& w, auto const&, auto const&, auto const& emit) { emit(w.key); }) |
            weir::into(count));
}
