// expect: weir::aggregate(functions...): a function does not suit the records of this stream
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

struct account {
  std::string owner;
  double balance;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  std::vector<account> const accounts;
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
#ifdef WEIR_BAD
  auto const f = weir::avg(&account::owner);
#else
  auto const f = weir::avg(&account::balance);
#endif
  weir::run(weir::from(accounts) | weir::assign_timestamps(&account::at, weir::monotonous_timestamps{}) |
            weir::key_by(&account::owner) | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(f) | weir::into(count));
}
