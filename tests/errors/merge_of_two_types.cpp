// expect: weir::merge(pipelines...): they give records of different types
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
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
  std::vector<double> const numbers;
#ifdef WEIR_BAD
  auto const more = weir::from(numbers);
#else
  auto const more = weir::from(in);
#endif
  (void)numbers;
  weir::run(weir::merge(weir::from(in), more) | weir::filter([](auto const&) { return true; }) |
            weir::into(count));
}
