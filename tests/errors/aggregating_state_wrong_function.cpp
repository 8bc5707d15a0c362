// expect: weir::aggregating_state<In, A, name>: A is no aggregate function for In; it needs zero, add, merge and result
#include <weir/weir.hpp>

#include <cstdint>
#include <tuple>
#include <vector>

struct longest {
  int zero() const { return 0; }
  void add(int& most, int length) const { most = length > most ? length : most; }
#ifndef WEIR_BAD
  void merge(int& most, int later) const { add(most, later); }
#endif
  int result(int most) const { return most; }
};

struct lengths {
  using output = int;
  weir::aggregating_state<int, longest, "longest"> longest_yet;
  auto states() { return std::tie(longest_yet); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    longest_yet.add(value);
    emit(*longest_yet.get());
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int n) { return n; }) | weir::process<"lengths">(lengths{}) |
            weir::into(out));
}
