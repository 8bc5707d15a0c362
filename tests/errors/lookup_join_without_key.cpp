// expect: weir::lookup_join(find, f): the stream has no key; put key_by(f) before it
#include <weir/weir.hpp>

#include "payments.hpp"

#include <optional>

int main() {
  auto const find = [](std::int64_t user) { return std::optional<std::int64_t>(user); };
  auto const f = [](payment const& p, std::int64_t row) { return p.amount + row; };
#ifdef WEIR_BAD
  auto const& stream = timed;
#else
  auto const& stream = keyed;
#endif
  weir::run(stream | weir::lookup_join<"row">(find, f) | weir::into(count));
}
