// expect: weir::row: the struct has a field that no column of this row fills: there is none of its name, or it is of another type
// shows: spend
#include <weir/weir.hpp>

#include "payments.hpp"

#include <boost/hana/adapt_struct.hpp>

struct spend {
  std::int64_t key;
#ifdef WEIR_BAD
  std::int64_t cuont;
};
BOOST_HANA_ADAPT_STRUCT(spend, key, cuont);
#else
  std::int64_t count;
};
BOOST_HANA_ADAPT_STRUCT(spend, key, count);
#endif

int main() {
  auto const f = weir::map([](auto const& w) { return spend(w); });
  weir::run(keyed | tumbling | weir::aggregate(weir::count()) | f | weir::into(count));
}
