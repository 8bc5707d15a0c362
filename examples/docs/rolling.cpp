// rolling: what each shop has sold so far, and its largest sale.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace weir::literals;

struct sale {
  std::string shop;
  int id;
  int amount;
};

int main() {
  std::vector<sale> const sales{{"Rome", 1, 50}, {"Oslo", 2, 70}, {"Rome", 3, 5}};
  std::vector<std::string> out;
  // [use]
  auto const text = [](auto const& r) {
    return r["key"_c] + " " + std::to_string(r["sum"_c]) + ", most in " + std::to_string(r["best"_c].id);
  };
  weir::run(weir::from(sales) | weir::key_by(&sale::shop) |
            weir::rolling(weir::sum(&sale::amount), weir::max_by(&sale::amount) | weir::as<"best">) |
            weir::map(text) | weir::into(out));
  // [/use]
  return out == std::vector<std::string>{"Rome 50, most in 1", "Oslo 70, most in 2", "Rome 55, most in 1"} ? 0
                                                                                                           : 1;
}
