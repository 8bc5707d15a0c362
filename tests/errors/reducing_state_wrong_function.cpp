// expect: weir::reducing_state<T, F, name>: F(T, T) gives no T
#include <weir/weir.hpp>

#include <functional>
#include <tuple>
#include <vector>

struct sums {
  using output = int;
#ifdef WEIR_BAD
  weir::reducing_state<int, std::negate<>, "sum"> sum;
#else
  weir::reducing_state<int, std::plus<>, "sum"> sum;
#endif
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    sum.add(value);
    emit(*sum.get());
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int n) { return n; }) | weir::process<"sums">(sums{}) |
            weir::into(out));
}
