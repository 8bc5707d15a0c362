// expect: weir::co_group(second, f): a record of the two streams cannot be copied, and so not be kept; keep what can only be moved in a std::shared_ptr
#include <weir/weir.hpp>

#include "pairs.hpp"

#include <memory>

struct owned {
  std::int64_t user;
#ifdef WEIR_BAD
  std::unique_ptr<payment> paid;
#else
  std::shared_ptr<payment> paid;
#endif
};

int main() {
  auto const owning = timed | weir::map([](payment const& p) {
                        return owned{p.user, nullptr};
                      }) |
                      weir::key_by(&owned::user);
  weir::run(owning | tumbling |
            weir::co_group<int>(keyed_orders, [](auto const&, auto const&, auto const&, auto const&) {}) |
            weir::into(count));
}
