// expect: weir::into(sink, options...): the options are a uid, written weir::uid<...> with the name inside
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  auto const end = weir::into(out, "numbers");
#else
  auto const end = weir::into(out, weir::uid<"numbers">);
#endif
  weir::run(weir::from(in) | weir::filter([](int i) { return i > 0; }) | end);
}
