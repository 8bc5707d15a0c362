// expect: weir::lookup_join(find, f): f(record, row) gives a view of a row that is gone by then; give a value that owns its bytes
#include <weir/weir.hpp>

#include "payments.hpp"

#include <optional>
#include <string>
#include <string_view>

int main() {
  auto const find = [](std::int64_t) { return std::optional<std::string>("row"); };
#ifdef WEIR_BAD
  auto const f = [](payment const&, std::string const& row) { return std::string_view(row); };
#else
  auto const f = [](payment const&, std::string const& row) { return row; };
#endif
  weir::run(keyed | weir::lookup_join<"row">(find, f) | weir::into(count));
}
