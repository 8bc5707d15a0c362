// expect: weir::into(sink): the sink cannot take a record of this stream
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
  std::vector<std::vector<int>> out;
#else
  std::vector<payment> out;
#endif
  weir::run(weir::from(in) | weir::into(out));
}
