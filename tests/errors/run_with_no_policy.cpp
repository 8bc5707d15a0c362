// expect: weir::run(pipeline, policies...): an argument is no policy
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
  std::vector<payment> out;
  auto const pipeline = weir::from(payments) | weir::into(out);
#ifdef WEIR_BAD
  weir::run(pipeline, 5);
#else
  weir::run(pipeline, weir::batch_size{5});
#endif
}
