// expect: weir::run(pipeline, policies...): a restart goes back to the last checkpoint, and there are none
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  weir::run(weir::from(in) | weir::into(out), weir::fixed_delay_restart{});
#else
  weir::run(weir::from(in) | weir::into(out), weir::no_restart{});
#endif
}
