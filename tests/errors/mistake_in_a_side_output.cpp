// expect: weir::filter(p): p(record) is no yes-or-no question to a record of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
  std::vector<payment> out;
  auto const rows = keyed |
                    weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">) |
                    weir::aggregate(weir::count());
#ifdef WEIR_BAD
  auto const large = weir::filter([](std::vector<int> const& v) { return v.empty(); });
#else
  auto const large = weir::filter([](payment const& p) { return p.amount > 0; });
#endif
  weir::run(rows | weir::side<"late">(large | weir::into(out)) | weir::into(count));
}
