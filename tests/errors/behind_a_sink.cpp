// expect: weir::operator|: the pipeline has ended in into(sink); nothing can follow it
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
  std::vector<payment> out;
  auto const ended = weir::from(in) | weir::into(out);
#ifdef WEIR_BAD
  weir::run(ended | weir::filter([](payment const& p) { return p.amount > 0; }) | weir::into(out));
#else
  weir::run(ended);
#endif
}
