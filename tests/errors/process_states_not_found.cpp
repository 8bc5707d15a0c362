// expect: weir::process(f): the state handles of f are not found; add `auto states() { return std::tie(...); }`
#include <weir/weir.hpp>

#include <vector>

struct numbered {
  using output = int;
  weir::value_state<int, "seen"> seen;
#ifndef WEIR_BAD
  auto states() { return std::tie(seen); }
#endif
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const& emit) {
    emit(++seen.get());
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int i) { return i; }) | weir::process<"numbered">(numbered{}) |
            weir::into(out));
}
