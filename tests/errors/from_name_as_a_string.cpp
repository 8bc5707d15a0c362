// expect: weir::from(source, options...): the options are a uid, written weir::uid<...> with the name inside
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  auto const numbers = weir::from(in, "numbers");
#else
  auto const numbers = weir::from(in, weir::uid<"numbers">);
#endif
  weir::run(numbers | weir::filter([](int i) { return i > 0; }) | weir::into(out));
}
