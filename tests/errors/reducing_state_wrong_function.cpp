// expect: weir::reducing_state<T, F, name>: F(T, T) gives no T
#include <weir/weir.hpp>

#include "payments.hpp"

#include <functional>
#include <tuple>

struct sums {
  using output = std::int64_t;
#ifdef WEIR_BAD
  weir::reducing_state<std::int64_t, std::negate<>, "sum"> sum;
#else
  weir::reducing_state<std::int64_t, std::plus<>, "sum"> sum;
#endif
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit const& emit) {
    sum.add(p.amount);
    emit(*sum.get());
  }
};

int main() { weir::run(keyed | weir::process<"sums">(sums{}) | weir::into(count)); }
