// expect: weir::into(sink): the sink cannot take a record of this stream
#include <weir/weir.hpp>

#include <weir/connector/csv_directory.hpp>

#include "payments.hpp"

BOOST_HANA_ADAPT_STRUCT(payment, user, amount, at);

int main() {
#ifdef WEIR_BAD
  auto const when = [](payment const& p) { return p.amount; };
#else
  auto const when = [](payment const& p) { return p.at; };
#endif
  weir::run(weir::from(payments) | weir::into(weir::csv_directory{"out", weir::bucket_by_time_of{when}}));
}
