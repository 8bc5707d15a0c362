// expect: weir::into(sink, skip_failed or failed_to<name>): the sink takes every record
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  std::vector<payment> out;
#ifdef WEIR_BAD
  auto const end = weir::into(out, weir::skip_failed);
#else
  auto const end = weir::into([&](payment const& p) { out.push_back(p); }, weir::skip_failed);
#endif
  weir::run(weir::from(payments) | end);
}
