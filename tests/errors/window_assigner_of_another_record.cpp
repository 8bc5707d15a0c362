// expect: weir::window(assigner): assigner.assign(record, at, emit) cannot be called with a record of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <cstdint>

struct click {
  std::int64_t page;
};

// Larger payments have longer windows.
struct by_amount {
#ifdef WEIR_BAD
  using record = click;
#else
  using record = payment;
#endif
  static constexpr bool merging = false;
  template <class Emit>
  void assign(record const&, weir::timestamp at, Emit const& emit) const {
    emit(weir::time_window{at, at + weir::duration{10}});
  }
  void check() const {}
};

int main() {
  weir::run(keyed | weir::window(by_amount{}) | weir::aggregate(weir::count()) | weir::into(count));
}
