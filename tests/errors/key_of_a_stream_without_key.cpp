// expect: weir::process(f): context.key() on a stream without key; put key_by(f) before it
#include <weir/weir.hpp>

#include <vector>

struct shows_key {
  using output = int;
  template <class Context, class Emit>
  void on_record(int value, [[maybe_unused]] Context& context, Emit const& emit) {
#ifdef WEIR_BAD
    (void)context.key();
#endif
    emit(value);
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::process<"keys">(shows_key{}) | weir::into(out));
}
