// expect: weir::process(f): set_timer without on_timer(timestamp, context, emit) in f
#include <weir/weir.hpp>

#include "payments.hpp"

struct waits {
  using output = std::int64_t;
  template <class Context, class Emit>
  void on_record(payment const& p, Context& context, Emit const&) {
    context.set_timer(p.at + weir::duration{10});
  }
#ifndef WEIR_BAD
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) {
    emit(context.key());
  }
#endif
};

int main() { weir::run(keyed | weir::process<"waits">(waits{}) | weir::into(count)); }
