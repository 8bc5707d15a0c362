// expect: weir::into(sink): neither a sink, nor an lvalue container, nor an ostream, nor a callable
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
#ifdef WEIR_BAD
  auto const sink = 5;
#else
  auto const sink = [](payment const&) {};
#endif
  weir::run(weir::from(in) | weir::into(sink));
}
