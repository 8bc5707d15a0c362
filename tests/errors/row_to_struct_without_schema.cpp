// expect: weir::row: the struct has no schema; adapt it with BOOST_HANA_ADAPT_STRUCT
// shows: spend
#include <weir/weir.hpp>

#include "payments.hpp"

#include <boost/hana/adapt_struct.hpp>

struct spend {
  std::int64_t key;
  std::int64_t count;
};
#ifndef WEIR_BAD
BOOST_HANA_ADAPT_STRUCT(spend, key, count);
#endif

int main() {
  auto const f = weir::map([](auto const& w) { return spend(w); });
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) | f | weir::into(count));
}
