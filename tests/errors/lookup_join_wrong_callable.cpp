// expect: weir::lookup_join(find, f): f(record, row) cannot be called with a record of this stream and what find gives, or gives nothing; with left_outer the row is a pointer
#include <weir/weir.hpp>

#include "payments.hpp"

#include <optional>

int main() {
  auto const find = [](std::int64_t user) { return std::optional<std::int64_t>(user); };
#ifdef WEIR_BAD
  auto const f = [](payment const& p, std::int64_t row) { return p.amount + row; };
#else
  auto const f = [](payment const& p, std::int64_t const* row) {
    return p.amount + (row == nullptr ? 0 : *row);
  };
#endif
  weir::run(keyed | weir::lookup_join<"row">(find, f, weir::left_outer) | weir::into(count));
}
