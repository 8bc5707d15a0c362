// expect: weir::lookup_join(find, f): find(key) gives no std::optional<Row> for a key of this stream
#include <weir/weir.hpp>

#include "payments.hpp"

#include <optional>

int main() {
#ifdef WEIR_BAD
  auto const find = [](std::int64_t user) { return user; };
#else
  auto const find = [](std::int64_t user) { return std::optional<std::int64_t>(user); };
#endif
  auto const f = [](payment const& p, std::int64_t row) { return p.amount + row; };
  weir::run(keyed | weir::lookup_join<"row">(find, f) | weir::into(count));
}
