// job_control and from_savepoint: a savepoint is taken while the job runs; a changed program goes on from it.
#include <weir/weir.hpp>

#include <cstdint>
#include <filesystem>
#include <ranges>
#include <string>
#include <tuple>

using namespace weir::literals;

// [before]
namespace before {

struct account {
  std::string user;
  std::int32_t payments = 0;
};

}  // namespace before
BOOST_HANA_ADAPT_STRUCT(before::account, user, payments);
// [/before]

// [after]
// A field has another name, one is wider, one is new: what was saved is read as if it had been saved like this.
struct account {
  std::string user_id;
  std::int64_t payments = 0;
  std::string country = "unknown";
};
BOOST_HANA_ADAPT_STRUCT(account, user_id, payments, country);

template <>
inline constexpr weir::field_renames weir::renamed_fields<account>{
    weir::renamed_field{.field = "user_id", .was = "user"}};
// [/after]

template <class Account>
struct counting {
  using output = std::int64_t;
  weir::value_state<Account, "account"> account;
  auto states() { return std::tie(account); }

  template <class Context, class Emit>
  void on_record(std::int64_t, Context&, Emit const& emit) {
    emit(std::int64_t{++account.get().payments});
  }
};

int main() {
  for (char const* name : {"state", "state2", "job.save", "counts.csv", "counts2.csv"})
    std::filesystem::remove_all(name);
  auto const job = [](auto counter, auto watch, char const* output) {
    return weir::from(std::views::iota(std::int64_t{0}, std::int64_t{10'000}), weir::uid<"payments">) |
           weir::inspect(watch) | weir::key_by([](std::int64_t n) { return n % 7; }) |
           weir::process<"counts">(counter) |
           weir::map([](std::int64_t n) { return weir::make_row("count"_c = n); }) |
           weir::into(weir::csv_file{output}, weir::uid<"out">);
  };
  // [savepoint]
  weir::job_control const control;  // other threads may use a copy of it
  weir::pending_checkpoint saved;
  auto const watch = [&](std::int64_t n) {
    if (n == 5'000) saved = control.savepoint("job.save");
  };
  weir::run(job(counting<before::account>{}, watch, "counts.csv"), weir::lmdb_store{"state"},
            weir::periodic_checkpoints{}, control);
  saved.get();  // its epoch, or what kept it from being written

  // The program of today, with a state directory and an output of its own.
  auto const result =
      weir::run(job(
                    counting<account>{}, [](std::int64_t) {}, "counts2.csv"),
                weir::lmdb_store{"state2"}, weir::periodic_checkpoints{}, weir::from_savepoint{"job.save"});
  // [/savepoint]
  return result.total("payments", "out") == 10'000 && result.count("payments", "out") < 5'000 ? 0 : 1;
}
