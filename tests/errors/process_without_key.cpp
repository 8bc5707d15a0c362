// expect: weir::process(f): the stream has no key; put key_by(f) before it, or keep operator_list_state or operator_value_state and set no timers
#include <weir/weir.hpp>

#include <tuple>
#include <vector>

struct running_sum {
  using output = int;
#ifdef WEIR_BAD
  weir::value_state<int, "sum"> sum;
#else
  weir::operator_value_state<int, "sum"> sum;
#endif
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    emit(sum.get() += value);
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::process<"sum">(running_sum{}) | weir::into(out));
}
