// expect: weir::merge(pipelines...): they give records of different types
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
  std::vector<double> const numbers;
#ifdef WEIR_BAD
  auto const more = weir::from(numbers);
#else
  auto const more = weir::from(payments);
#endif
  (void)numbers;
  weir::run(weir::merge(weir::from(payments), more) | weir::filter([](auto const&) { return true; }) |
            weir::into(count));
}
