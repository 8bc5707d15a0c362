// expect: weir::process(f): set_processing_timer without on_processing_timer(timestamp, context, emit) in f
#include <weir/weir.hpp>

#include "payments.hpp"

struct hourly {
  using output = std::int64_t;
  template <class Context, class Emit>
  void on_record(payment const&, Context& context, Emit const&) {
    context.set_processing_timer(context.processing_time() + std::chrono::hours{1});
  }
#ifndef WEIR_BAD
  template <class Context, class Emit>
  void on_processing_timer(weir::timestamp now, Context&, Emit const& emit) {
    emit(weir::ticks(now));
  }
#endif
};

int main() { weir::run(keyed | weir::process<"hourly">(hourly{}) | weir::into(count)); }
