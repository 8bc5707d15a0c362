// expect: weir::into(sink): the sink cannot take a record of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <vector>

int main() {
#ifdef WEIR_BAD
  std::vector<std::vector<int>> out;
#else
  std::vector<payment> out;
#endif
  weir::run(weir::from(payments) | weir::into(out));
}
