// expect: weir::filter(p): p(record) is no yes-or-no question to a record of this stream
#include <weir/weir.hpp>

#include <string>
#include <vector>

int main() {
  std::vector<int> const in;
  std::vector<int> out;
#ifdef WEIR_BAD
  auto predicate = [](std::string const& s) { return s.empty(); };
#else
  auto predicate = [](int v) { return v > 0; };
#endif
  weir::run(weir::from(in) | weir::filter(predicate) | weir::map([](int v) { return v + 1; }) |
            weir::into(out));
}
