// expect: weir::process(f): f has no side output of this name; add it to `using side_outputs`
#include <weir/weir.hpp>

#include <vector>

namespace {

struct signs {
  using output = int;
  using side_outputs = weir::side_outputs<weir::side_output<"negative", int>>;
  template <class Context, class Emit>
  void on_record(int value, Context& context, Emit const& emit) {
    if (value >= 0)
      emit(value);
    else
#ifdef WEIR_BAD
      context.side(weir::to<"negatives">, value);
#else
      context.side(weir::to<"negative">, value);
#endif
  }
};

}  // namespace

int main() {
  std::vector<int> const in;
  std::vector<int> out, negative;
  weir::run(weir::from(in) | weir::key_by([](int i) { return i; }) | weir::process<"signs">(signs{}) |
            weir::side<"negative">(weir::into(negative)) | weir::into(out));
}
