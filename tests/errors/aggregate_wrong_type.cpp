// expect: weir::aggregate(functions...): a function does not suit the records of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <string>
#include <vector>

struct account {
  std::string owner;
  double balance;
  weir::timestamp at;
};

int main() {
  std::vector<account> const accounts;
#ifdef WEIR_BAD
  auto const f = weir::avg(&account::owner);
#else
  auto const f = weir::avg(&account::balance);
#endif
  weir::run(weir::from(accounts) | weir::assign_timestamps(&account::at, weir::monotonous_timestamps{}) |
            weir::key_by(&account::owner) | tumbling | weir::aggregate(f) | weir::into(count));
}
