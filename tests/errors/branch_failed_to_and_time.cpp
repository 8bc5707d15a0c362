// expect: weir::branch(chains...): a side output is not consumed; put side<name>(chain) or discard<name> behind into(sink, failed_to<name>), in the same chain
#include <weir/weir.hpp>

#include "refusing.hpp"

int main() {
  weir::run(weir::from(payments) | weir::branch(in_time | consumed, weir::map(&payment::amount)) |
            weir::into(count));
}
