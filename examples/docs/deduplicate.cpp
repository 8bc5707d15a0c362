// deduplicate: payments that a retrying client sends again are taken once.
#include <weir/weir.hpp>

#include <vector>

using namespace std::chrono_literals;

struct payment {
  int id;
  int amount;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<payment> const payments{
      {1, 50, noon}, {2, 70, noon + 1s}, {1, 50, noon + 2s}, {1, 9, noon + 24h}};
  std::vector<int> out;
  // [use]
  weir::run(weir::from(payments) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::id) | weir::deduplicate<"once">(weir::within{24h}) |
            weir::map(&payment::amount) | weir::into(out));
  // [/use]
  return out == std::vector<int>{50, 70, 9} ? 0 : 1;
}
