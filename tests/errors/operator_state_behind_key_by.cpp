// expect: weir::process(f): operator state behind key_by; use list_state or value_state, which are kept for each key, or a stream without key
#include <weir/weir.hpp>

#include <tuple>
#include <vector>

struct last_ones {
  using output = std::size_t;
#ifdef WEIR_BAD
  weir::operator_list_state<int, "last"> last;
#else
  weir::list_state<int, "last"> last;
#endif
  auto states() { return std::tie(last); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    last.add(value);
    emit(last.size());
  }
};

int main() {
  std::vector<int> const in;
  std::vector<std::size_t> out;
  weir::run(weir::from(in) | weir::key_by([](int n) { return n % 2; }) | weir::process<"last">(last_ones{}) |
            weir::into(out));
}
