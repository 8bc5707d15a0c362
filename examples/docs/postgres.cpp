// postgres_table: from one table of a PostgreSQL server into another. WEIR_POSTGRES says where the server is; without it nothing
// is run.
#include <weir/connector/postgres.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

// [structs]
struct payment {
  std::int64_t id;
  std::string user;
  weir::decimal<2> amount;
};
BOOST_HANA_ADAPT_STRUCT(payment, id, user, amount);
// [/structs]

using namespace weir::literals;

int main() {
  char const* const server = std::getenv("WEIR_POSTGRES");
  if (server == nullptr) return 0;
  std::filesystem::remove_all("postgres_state");
  std::string const shop = server;

  // [postgres]
  auto const job =
      weir::from(weir::postgres_table<payment>{.connection = shop, .table = "payments"},
                 weir::uid<"payments">) |
      weir::key_by(&payment::user) | weir::reduce([](payment const& sum, payment const& p) {
        return payment{p.id, p.user, sum.amount + p.amount};
      }) |
      weir::uid<"sums"> |
      weir::map([](payment const& p) { return weir::make_row("user"_c = p.user, "spent"_c = p.amount); }) |
      weir::into(weir::postgres_table<>{.connection = shop, .table = "totals", .key = {"user"}},
                 weir::uid<"totals">);
  weir::run(job, weir::lmdb_store{"postgres_state"}, weir::periodic_checkpoints{}, weir::exactly_once);
  // [/postgres]
}
