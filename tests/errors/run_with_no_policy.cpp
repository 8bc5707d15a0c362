// expect: weir::run(pipeline, policies...): an argument is no policy
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
  auto const pipeline = weir::from(in) | weir::into(out);
#ifdef WEIR_BAD
  weir::run(pipeline, 5);
#else
  weir::run(pipeline, weir::batch_size{5});
#endif
}
