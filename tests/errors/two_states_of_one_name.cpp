// expect: weir::process(f): two state handles have the same name, or one has none; give each its own
#include <weir/weir.hpp>

#include <functional>
#include <tuple>
#include <vector>

struct extremes {
  using output = int;
  weir::value_state<int, "seen"> seen;
#ifdef WEIR_BAD
  weir::reducing_state<int, std::plus<>, "seen"> sum;
#else
  weir::reducing_state<int, std::plus<>, "sum"> sum;
#endif
  auto states() { return std::tie(seen, sum); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    sum.add(value);
    if (value > seen.get()) emit(*seen = *sum.get());
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int n) { return n; }) | weir::process<"extremes">(extremes{}) |
            weir::into(out));
}
