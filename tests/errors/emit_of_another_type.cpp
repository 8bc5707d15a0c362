// expect: weir::process(f): emit(value): the value is no `output` of f
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

struct numbered {
  using output = std::string;
  weir::value_state<int, "seen"> seen;
  auto states() { return std::tie(seen); }
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const& emit) {
#ifdef WEIR_BAD
    emit(++seen.get());
#else
    emit(std::to_string(++seen.get()));
#endif
  }
};

int main() {
  std::vector<int> const in;
  std::vector<std::string> out;
  weir::run(weir::from(in) | weir::key_by([](int i) { return i; }) | weir::process<"numbered">(numbered{}) |
            weir::into(out));
}
