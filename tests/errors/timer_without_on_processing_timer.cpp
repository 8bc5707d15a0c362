// expect: weir::process(f): set_processing_timer without on_processing_timer(timestamp, context, emit) in f
#include <weir/weir.hpp>

#include <vector>

struct reading {
  int sensor;
  weir::timestamp at;
};

struct waits {
  using output = int;
  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const&) {
    context.set_processing_timer(r.at + weir::duration{10});
  }
#ifndef WEIR_BAD
  template <class Context, class Emit>
  void on_processing_timer(weir::timestamp, Context& context, Emit const& emit) {
    emit(context.key());
  }
#endif
};

int main() {
  std::vector<reading> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::assign_timestamps(&reading::at, weir::monotonous_timestamps{}) |
            weir::key_by(&reading::sensor) | weir::process<"waits">(waits{}) | weir::into(out));
}
