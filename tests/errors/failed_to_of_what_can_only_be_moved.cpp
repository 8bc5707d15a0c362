// expect: weir::failed_to<name>: the record cannot be copied, so it cannot be kept for the side output; use skip_failed
#include <weir/weir.hpp>

#include "payments.hpp"

#include <memory>
#include <optional>

int main() {
  auto const source = []() -> std::optional<std::unique_ptr<payment>> { return {}; };
  auto const amount = weir::map([](std::unique_ptr<payment> const& p) { return p->amount; });
#ifdef WEIR_BAD
  auto const job = weir::from(source) | amount | weir::failed_to<"bad"> | weir::discard<"bad">;
#else
  auto const job = weir::from(source) | amount | weir::skip_failed;
#endif
  weir::run(job | weir::into(count));
}
