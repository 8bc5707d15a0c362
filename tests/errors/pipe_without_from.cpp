// expect: weir::operator|: neither a pipeline nor an operator stands before it; begin with from(source)
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  weir::run(in | weir::filter([](int i) { return i > 0; }) | weir::into(out));
#else
  weir::run(weir::from(in) | weir::filter([](int i) { return i > 0; }) | weir::into(out));
#endif
}
