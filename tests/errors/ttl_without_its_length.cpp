// expect: weir::ttl: a state handle with a ttl does not say how long; give it one: s{ttl{.after = 10min}}
#include <weir/weir.hpp>

#include <tuple>
#include <vector>

using namespace std::chrono_literals;

struct counts {
  using output = int;
#ifdef WEIR_BAD
  weir::value_state<int, "count", weir::ttl> count;
#else
  weir::value_state<int, "count", weir::ttl> count{weir::ttl{.after = 10min}};
#endif
  auto states() { return std::tie(count); }
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const& emit) {
    emit(++count.get());
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int n) { return n; }) | weir::process<"counts">(counts{}) |
            weir::into(out));
}
