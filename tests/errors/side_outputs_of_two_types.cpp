// expect: weir: two side outputs of one name carry records of different types, or with and without event time; give one of them another name
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  using namespace weir::literals;
  std::vector<payment> late;
  auto const window = weir::window(weir::tumbling_windows{.size = weir::duration{10}}, weir::late_to<"late">);
  auto const totals = weir::key_by(&payment::user) | window | weir::aggregate(weir::count()) |
                      weir::map([](auto const& w) { return w["count"_c]; });
#ifdef WEIR_BAD
  auto const of = weir::map([](payment const& p) { return p.amount; }) |
                  weir::key_by([](std::int64_t a) { return a; }) | window | weir::aggregate(weir::count()) |
                  weir::map([](auto const& w) { return w["count"_c]; });
#else
  auto const of = weir::filter([](payment const& p) { return p.amount > 0; }) | totals;
#endif
  weir::run(timed | weir::branch(totals, of) | weir::side<"late">(weir::into(late)) | weir::into(count));
}
