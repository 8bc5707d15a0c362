// A job whose structs have changed goes on with what was saved, or is refused with both schemas.
#include "catch.hpp"
#include "error_of.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir_test::temp_directory;

namespace v1 {

struct note {
  std::string text;
  std::int32_t weight;
};
struct seen {
  std::int32_t count;
  std::string user;
  float amount;
  std::vector<note> notes;
  bool gone;
};

}  // namespace v1

// Fields added, removed, renamed, widened and in another order; a struct within it as well.
namespace v2 {

struct note {
  std::int64_t weight;
  std::string text;
  std::string language = "en";
};
struct seen {
  std::string user_id;
  std::int64_t count;
  double amount;
  std::optional<std::int64_t> limit = 7;
  std::vector<note> notes;
};

}  // namespace v2

namespace v3 {

struct seen {
  std::string user_id;
  std::string count;  // nothing that weir knows how to make
};

}  // namespace v3

// The same change, with a function for it.
namespace v4 {

struct seen {
  std::string summary;
};

}  // namespace v4

BOOST_HANA_ADAPT_STRUCT(v1::note, text, weight);
BOOST_HANA_ADAPT_STRUCT(v1::seen, count, user, amount, notes, gone);
BOOST_HANA_ADAPT_STRUCT(v2::note, weight, text, language);
BOOST_HANA_ADAPT_STRUCT(v2::seen, user_id, count, amount, limit, notes);
BOOST_HANA_ADAPT_STRUCT(v3::seen, user_id, count);
BOOST_HANA_ADAPT_STRUCT(v4::seen, summary);

template <>
inline constexpr weir::field_renames weir::renamed_fields<v2::seen>{
    weir::renamed_field{.field = "user_id", .was = "user"}};
template <>
struct weir::migration<v4::seen> {
  using from = v2::seen;
  static v4::seen migrate(v2::seen const& old) {
    return {old.user_id + " " + std::to_string(old.count) + " " + old.notes.at(1).language};
  }
};

namespace {

// What is kept in every form that a state has; describe(value) tells what the job finds.
template <class Seen>
struct keeping {
  using output = std::string;
  weir::value_state<Seen, "value"> value;
  weir::list_state<Seen, "list"> list;
  weir::map_state<std::string, Seen, "map"> map;
  weir::value_state<Seen, "living", weir::ttl> living{weir::ttl{.after = std::chrono::hours{1'000'000}}};
  weir::list_state<Seen, "living list", weir::ttl> living_list{
      weir::ttl{.after = std::chrono::hours{1'000'000}}};
  auto states() { return std::tie(value, list, map, living, living_list); }

  static v1::seen made(int n) { return {n, "user" + std::to_string(n), 0.5f, {{"a", 1}, {"b", n}}, true}; }
  template <class Context, class Emit>
  void on_record(int n, Context&, Emit const& emit) {
    if constexpr (std::is_same_v<Seen, v1::seen>) {
      value.update(made(n));
      list.add(made(n)), list.add(made(n + 1));
      map.put("one", made(n)), map.put("two", made(n + 2));
      living.update(made(n));
      living_list.add(made(n)), living_list.add(made(n + 3));
    } else {
      std::string all = describe(*value);
      for (auto const& s : list) all += "; " + describe(s);
      for (auto const& [k, s] : map) all += "; " + k + " " + describe(s);
      all += "; " + describe(*living);
      for (auto const& s : living_list) all += "; " + describe(s);
      emit(all);
    }
  }
  static std::string describe(v2::seen const& s) {
    std::string text = s.user_id + " " + std::to_string(s.count) + " " + std::to_string(s.limit.value_or(-1)) +
                       (s.amount == 0.5 ? " half" : " ?");
    for (auto const& n : s.notes) text += " " + n.text + std::to_string(n.weight) + n.language;
    return text;
  }
  static std::string describe(v4::seen const& s) { return s.summary; }
  static std::string describe(v3::seen const&) { return "never"; }
};

// One record at a time: the first with v1, the others as told.
template <class Seen>
std::vector<std::string> run(std::filesystem::path const& state, int to,
                             std::filesystem::path const& savepoint = "",
                             weir::from_savepoint const& begins = {}) {
  std::vector<std::string> out;
  weir::job_control const control;
  weir::run(weir::from(std::views::iota(0, 100), weir::uid<"n">) | weir::inspect([&](int n) {
              if (n != to) return;
              if (!savepoint.empty()) control.savepoint(savepoint);
              control.stop();
            }) | weir::key_by([](int n) { return n % 1; }) |
                weir::process<"keep">(keeping<Seen>{}) |
                weir::into([&](std::string const& s) { out.push_back(s); }, weir::uid<"out">),
            weir::lmdb_store{state}, weir::periodic_checkpoints{.every = 1h}, weir::at_least_once, control,
            weir::batch_size{1}, begins);
  return out;
}

std::string described(int n) {
  return "user" + std::to_string(n) + " " + std::to_string(n) + " 7 half a1en b" + std::to_string(n) + "en";
}

}  // namespace

TEST_CASE("a struct that has changed: what was saved is read as if it had been saved today") {
  temp_directory const d;
  run<v1::seen>(d.path(), 0);
  auto const out = run<v2::seen>(d.path(), 1);
  REQUIRE(out.size() == 1);
  std::string const zero = described(0), one = described(1), two = described(2), three = described(3);
  CHECK(out[0] == zero + "; " + zero + "; " + one + "; one " + zero + "; two " + two + "; " + zero + "; " +
                      zero + "; " + three);
  // From then on it is as it is: v1 cannot come back, since its fields are gone.
  CHECK(weir_test::error_of<weir::restore_error>([&] {
          run<v1::seen>(d.path(), 2);
        }).find("float64 became float32") != std::string::npos);
  SECTION("and once more, by a migration that begins where the renames end") {
    auto const again = run<v4::seen>(d.path(), 2);
    REQUIRE(again.size() == 1);
    CHECK(again[0].starts_with("user0 0 en; user0 0 en; user1 1 en; one user0"));
  }
}

TEST_CASE("a struct that has changed twice since: renames first, then the migration") {
  temp_directory const d;
  run<v1::seen>(d.path(), 0);
  CHECK(run<v4::seen>(d.path(), 1)[0].starts_with("user0 0 en; user0 0 en; user1 1 en"));
}

TEST_CASE(
    "a change that nobody has explained is refused with both schemas and the field, and nothing is touched") {
  temp_directory const d;
  run<v1::seen>(d.path(), 0);
  std::string const said = weir_test::error_of<weir::restore_error>([&] { run<v3::seen>(d.path(), 1); });
  for (char const* part :
       {"\"keep/value\"", "field \"count\": int32 became string", "weir::renamed_fields", "weir::migration",
        "struct{count:int32,user:string", "struct{user_id:string,count:string}"})
    CHECK(said.find(part) != std::string::npos);
  CHECK(run<v2::seen>(d.path(), 1)[0].starts_with(described(0)));
}

TEST_CASE("a savepoint of before goes into a program of after") {
  temp_directory const d;
  run<v1::seen>(d.path() / "state", 0, d.path() / "save");
  auto const out = run<v2::seen>(d.path() / "other", 1, "", weir::from_savepoint{d.path() / "save"});
  REQUIRE(out.size() == 1);
  CHECK(out[0].starts_with(described(0)));
}

namespace {

template <class Record>
weir::run_result sessions(std::filesystem::path const& state, int to, std::vector<std::string>& out) {
  weir::job_control const control;
  return weir::run(
      weir::from(std::views::iota(0, 10), weir::uid<"n">) | weir::inspect([&, to](int n) {
        if (n == to) control.stop();
      }) | weir::assign_timestamps([](int n) { return weir::from_ticks(n); }, weir::monotonous_timestamps{}) |
          weir::map([](int n) { return Record{.count = n}; }) | weir::key_by([](Record const&) { return 0; }) |
          weir::window(weir::session_windows{.gap = weir::duration{100}}) |
          weir::reduce([](Record a, Record const& b) {
            a.count += b.count;
            return a;
          }) |
          weir::uid<"w"> |
          weir::into(
              [&](auto const& w) {
                using namespace weir::literals;
                Record const r = w["value"_c];
                if constexpr (requires { r.limit; })
                  out.push_back(std::to_string(r.count) + " " + std::to_string(r.limit));
                else
                  out.push_back(std::to_string(r.count));
              },
              weir::uid<"out">),
      weir::lmdb_store{state}, weir::periodic_checkpoints{.every = 1h}, weir::at_least_once, control,
      weir::batch_size{1});
}
struct few {
  std::int32_t count;
};
struct more {
  std::int64_t limit = 5;
  std::int64_t count;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(few, count);
BOOST_HANA_ADAPT_STRUCT(more, limit, count);

TEST_CASE("what open windows hold evolves as well") {
  temp_directory const d;
  std::vector<std::string> out;
  sessions<few>(d.path(), 4, out);
  CHECK(out.empty());
  CHECK(sessions<more>(d.path(), 100, out).status == weir::outcome::finished);
  CHECK(out == std::vector<std::string>{"45 5"});
}
