// expect: weir::top_n(n, by): the record cannot be copied and assigned, and so not be kept; keep what can only be moved in a std::shared_ptr
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
  weir::run(owning | weir::top_n(3, &owned::user) | weir::into(count));
}
