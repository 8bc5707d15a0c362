// expect: weir::side<name>(chain): a side output is not consumed; put side<name>(chain) or discard<name> behind into(sink, failed_to<name>), in the same chain
#include <weir/weir.hpp>

#include "refusing.hpp"

int main() {
  auto const amounts = weir::from(payments) | weir::map(&payment::amount) | weir::failed_to<"failed">;
  weir::run(amounts | weir::side<"failed">(consumed) | weir::into(count));
}
