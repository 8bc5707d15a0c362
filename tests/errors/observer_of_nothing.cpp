// expect: weir::observer{f}: f takes none of the events of a run
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  weir::run(weir::from(in) | weir::into(out), weir::observer{[](int) {}});
#else
  weir::run(weir::from(in) | weir::into(out), weir::observer{[](weir::run_started const&) {}});
#endif
}
