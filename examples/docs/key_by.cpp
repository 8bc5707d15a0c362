// key_by: what follows keeps its state for each key: a member, a callable, or several of them.
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct sale {
  std::string shop;
  std::string item;
  std::int64_t amount;
};

int main() {
  std::vector<sale> const sales{
      {"north", "tea", 1}, {"south", "tea", 2}, {"north", "tea", 3}, {"north", "jam", 4}};
  auto const total = weir::reduce([](sale a, sale const& b) {
                       a.amount += b.amount;
                       return a;
                     }) |
                     weir::map(&sale::amount);
  std::vector<std::int64_t> by_shop, by_both;
  weir::run(weir::from(sales) | weir::key_by(&sale::shop) | total | weir::into(by_shop));
  weir::run(weir::from(sales) |
            weir::key_by(
                &sale::shop, [](sale const& s) { return s.item.size(); }, &sale::item) |
            total | weir::into(by_both));
  return by_shop == std::vector<std::int64_t>{1, 2, 4, 8} && by_both == std::vector<std::int64_t>{1, 2, 4, 4}
             ? 0
             : 1;
}
