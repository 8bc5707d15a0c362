// expect: weir::branch(chains...): the chains that do not end in into(sink) give records of different types
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
#ifdef WEIR_BAD
  auto const second = weir::map([](payment const& p) { return p.at; });
#else
  auto const second = weir::map([](payment const& p) { return p.user; });
#endif
  auto const first = weir::map([](payment const& p) { return p.amount; });
  weir::run(weir::from(in) | weir::branch(first, second) | weir::into(count));
}
