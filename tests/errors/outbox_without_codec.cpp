// expect: weir::into(sink): the sink cannot take a record of this stream
#include <weir/weir.hpp>

#include <weir/connector/outbox.hpp>

#include <vector>

struct order {
  int id = 0;
};
#ifndef WEIR_BAD
BOOST_HANA_ADAPT_STRUCT(order, id);
#endif

int main() {
  std::vector<order> const orders(3);
  weir::run(weir::from(orders) | weir::into(weir::outbox{[](order const&, weir::outbox_id const&) {}}));
}
