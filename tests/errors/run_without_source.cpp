// expect: weir::run(pipeline, policies...): this is no pipeline; begin it with from(source)
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  weir::run(weir::filter([](int i) { return i > 0; }) | weir::into(out));
#else
  weir::run(weir::from(in) | weir::filter([](int i) { return i > 0; }) | weir::into(out));
#endif
}
