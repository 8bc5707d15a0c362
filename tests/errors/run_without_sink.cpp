// expect: weir::run(pipeline): the pipeline has no sink; end it with into(sink)
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  auto open = weir::from(in) | weir::filter([](int v) { return v > 0; });
#ifdef WEIR_BAD
  weir::run(open);
#else
  weir::run(open | weir::into(out));
#endif
}
