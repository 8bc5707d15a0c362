// Runs that die early, and runs that come back as another program.
#include "catch.hpp"
#include "error_of.hpp"
#include "files.hpp"
#include "runtime/killed_at_change.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir_test::content;
using weir_test::error_of;
using weir_test::killed_at_change;
using weir_test::temp_directory;

namespace {

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

struct line {
  std::int64_t number;
};
struct outage {};

// Numbers from 1 to `last` go to two files; at `dies_at` the run ends by an exception.
struct job {
  temp_directory folder;
  std::filesystem::path csv = folder / "out.csv", json = folder / "out.jsonl";
  bool overwrite = false;
  std::int64_t last = 20;

  auto run(auto guarantee, std::int64_t dies_at = 0, std::chrono::nanoseconds every = 1h) const {
    auto const numbers = std::views::iota(std::int64_t{1}, last + 1);
    auto const lines = weir::map([=](std::int64_t i) {
      if (i == dies_at) throw outage{};
      return line{i};
    });
    return weir::run(
        weir::from(numbers, weir::uid<"numbers">) | lines |
            weir::branch(
                weir::into(weir::csv_file<>{.path = csv, .overwrite = overwrite}, weir::uid<"csv">),
                weir::into(weir::json_lines_file<>{.path = json, .overwrite = overwrite}, weir::uid<"json">)),
        weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{.every = every}, guarantee,
        weir::batch_size{5});
  }
  void dies(auto guarantee, std::int64_t at, std::chrono::nanoseconds every = 1h) const {
    CHECK_THROWS_AS(run(guarantee, at, every), outage);
  }
};

// The numbers in the file; -1 stands for a line that is none.
std::multiset<std::int64_t> numbers_in(std::filesystem::path const& path) {
  std::multiset<std::int64_t> all;
  std::ifstream in(path);
  for (std::string text; std::getline(in, text);) {
    if (text == "number") continue;
    std::string const digits = text.starts_with("{\"number\":") ? text.substr(10, text.size() - 11) : text;
    all.insert(!digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos
                   ? std::stoll(digits)
                   : -1);
  }
  return all;
}
std::multiset<std::int64_t> numbers_to(std::int64_t last) {
  auto const all = std::views::iota(std::int64_t{1}, last + 1);
  return {all.begin(), all.end()};
}

}  // namespace

BOOST_HANA_ADAPT_STRUCT(line, number);

TEST_CASE("a run that died before its first checkpoint goes on with its own files") {
  SECTION("at_least_once") {
    job j;
    j.dies(weir::at_least_once, 1);
    j.dies(weir::at_least_once, 8);
    CHECK(content(j.csv) == "number\n1\n2\n3\n4\n5\n");
    auto const r = j.run(weir::at_least_once);
    CHECK(r.status == weir::outcome::finished);
    CHECK(r.epoch == 1);
    CHECK(content(j.csv).starts_with("number\n1\n2\n3\n4\n5\n1\n2\n3\n"));
    CHECK(numbers_in(j.csv).size() == 25);
    CHECK(numbers_in(j.json).size() == 25);
  }
  SECTION("exactly_once") {
    job j;
    j.dies(weir::exactly_once, 1);
    j.dies(weir::exactly_once, 8);
    j.run(weir::exactly_once);
    CHECK(numbers_in(j.csv) == numbers_to(20));
    CHECK(numbers_in(j.json) == numbers_to(20));
  }
}

TEST_CASE("a file that was there is refused while the state is new, and .overwrite empties it once") {
  job j;
  std::ofstream(j.json) << "mine\n";
  for (int i = 0; i < 2; ++i) {
    CHECK(has(error_of([&] { j.run(weir::at_least_once); }),
              "out.jsonl: the file exists; set .overwrite = true"));
    CHECK(content(j.json) == "mine\n");
    CHECK_FALSE(exists(j.csv));
  }
  j.overwrite = true;
  std::ofstream(j.csv) << "mine\n";
  j.dies(weir::at_least_once, 8);
  CHECK(content(j.csv) == "number\n1\n2\n3\n4\n5\n");
  j.dies(weir::at_least_once, 8);
  CHECK(content(j.csv) == "number\n1\n2\n3\n4\n5\n1\n2\n3\n4\n5\n");
  j.run(weir::at_least_once);
  CHECK(numbers_in(j.csv).size() == 30);
  CHECK(numbers_in(j.json).size() == 30);
}

TEST_CASE("a claimed file that was never made, or is torn, becomes whole") {
  job j;
  j.dies(weir::at_least_once, 1);
  std::filesystem::remove(j.json);
  SECTION("gone") { std::filesystem::remove(j.csv); }
  SECTION("without its header") { std::ofstream{j.csv}; }
  SECTION("with half a header") { std::ofstream(j.csv) << "num"; }
  SECTION("with half a record") { std::ofstream(j.csv) << "number\n1\n2"; }
  j.run(weir::at_least_once);
  std::string const text = content(j.csv);
  CHECK(text.starts_with("number\n1\n"));
  CHECK(text.ends_with("\n19\n20\n"));
  CHECK_FALSE(numbers_in(j.csv).contains(-1));
  CHECK(numbers_in(j.json) == numbers_to(20));
}

TEST_CASE("two sinks cannot claim one file") {
  job j;
  j.json = j.csv;
  temp_directory folder;
  auto const run = [&] {
    auto const csv = weir::csv_file<>{.path = j.csv};
    weir::run(weir::from(std::vector{line{1}}, weir::uid<"in">) |
                  weir::branch(weir::into(csv, weir::uid<"one">), weir::into(csv, weir::uid<"two">)),
              weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once);
  };
  for (int i = 0; i < 2; ++i) {
    std::string const said = error_of(run);
    CAPTURE(said);
    CHECK(has(said, "\"one\" and \"two\" write to the same target"));
    CHECK_FALSE(exists(j.csv));
  }
}

namespace {

void killed_everywhere(auto guarantee, bool there) {
  bool killed = true;
  int n = 0;
  for (; killed; ++n) {
    CAPTURE(there, n);
    REQUIRE(n < 1'000);
    job j;
    if (there) {
      j.overwrite = true;
      std::ofstream(j.csv) << "mine\n";
      std::ofstream(j.json) << "{\"number\":7777777}\n";
    }
    killed = killed_at_change(n, [&] { j.run(guarantee); });
    if (n % 3 == 0) killed_at_change(n / 2, [&] { j.run(guarantee); });  // and again
    j.run(guarantee);
    for (auto const& path : {j.csv, j.json}) {
      auto const got = numbers_in(path);
      if constexpr (std::same_as<decltype(guarantee), weir::exactly_once_t>) {
        REQUIRE(got == numbers_to(20));
      } else {
        REQUIRE(std::ranges::includes(got, numbers_to(20)));
        REQUIRE(*got.begin() == 1);
        REQUIRE(*got.rbegin() == 20);
      }
    }
    REQUIRE(content(j.csv).starts_with("number\n1\n"));
  }
  CHECK((n > 5 || n == 1));  // 1: cannot be traced
}

}  // namespace

TEST_CASE("killed before any change of a file that its first thread makes, a run goes on at the next start") {
  for (bool there : {false, true}) {
    killed_everywhere(weir::at_least_once, there);
    killed_everywhere(weir::exactly_once, there);
  }
}

TEST_CASE("a state keeps its guarantee") {
  job j;
  std::string said;
  SECTION("exactly_once, then at_least_once") {
    j.dies(weir::exactly_once, 18, 1ns);
    said = error_of([&] { j.run(weir::at_least_once); });
    CAPTURE(said);
    CHECK(has(said, "was made with exactly_once and this run asks for at_least_once; run with exactly_once"));
    j.run(weir::exactly_once);
    CHECK(numbers_in(j.csv) == numbers_to(20));
  }
  SECTION("at_least_once, then exactly_once") {
    j.dies(weir::at_least_once, 18, 1ns);
    said = error_of([&] { j.run(weir::exactly_once); });
    CAPTURE(said);
    CHECK(has(said, "was made with at_least_once and this run asks for exactly_once; run with at_least_once"));
  }
  SECTION("the same before the first checkpoint") {
    j.dies(weir::at_least_once, 8);
    said = error_of([&] { j.run(weir::exactly_once); });
    CAPTURE(said);
    CHECK(has(said, "was made with at_least_once"));
    j.csv = j.folder / "other.csv";
    CHECK(has(error_of([&] { j.run(weir::at_least_once); }), "the path is now"));
  }
}

namespace {

// Three programs with handles of their own under the same uid.
template <class... Handles>
struct counting {
  using output = std::int64_t;
  std::tuple<Handles...> handles;
  auto states() {
    return std::apply([](auto&... h) { return std::tie(h...); }, handles);
  }
  template <class Context, class Emit>
  void on_record(std::int64_t v, Context&, Emit const& emit) {
    emit(std::get<0>(handles).get() += v);
  }
};
template <class... Handles>
struct with_timers : counting<Handles...> {
  template <class Context, class Emit>
  void on_record(std::int64_t v, Context& context, Emit const& emit) {
    context.set_timer(context.time() + 1s);
    counting<Handles...>::on_record(v, context, emit);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context&, Emit const& emit) {
    emit(-1);
  }
};
template <weir::fixed_string Name>
using sum = weir::value_state<std::int64_t, Name>;

struct process_job {
  temp_directory folder;
  std::vector<std::int64_t> out{};

  template <class F>
  auto run(F const& f, std::int64_t stop_at = -1) {
    std::stop_source stop;
    auto const numbers = std::views::iota(std::int64_t{0}, std::int64_t{20});
    auto const watch = [&](std::int64_t i) {
      if (i == stop_at) stop.request_stop();
    };
    auto const time_of = [](std::int64_t i) { return weir::from_ticks(i); };
    return weir::run(weir::from(numbers, weir::uid<"in">) | weir::inspect(watch) |
                         weir::assign_timestamps(time_of, weir::bounded_out_of_orderness{0us}) |
                         weir::key_by([](std::int64_t) { return std::int64_t{0}; }) | weir::process<"p">(f) |
                         weir::into(out, weir::uid<"out">),
                     weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
                     weir::batch_size{5}, stop.get_token());
  }
};

}  // namespace

TEST_CASE("a state that nothing declares any more is refused, a new one begins empty") {
  process_job j;
  auto const refused = [&](auto const& after, std::initializer_list<std::string_view> why) {
    std::string const said = error_of([&] { j.run(after); });
    CAPTURE(said);
    for (std::string_view part : why) CHECK(has(said, part));
  };
  SECTION("renamed") {
    j.run(counting<sum<"a">>{}, 7);
    refused(counting<sum<"b">>{},
            {"\"p\" has the states \"a\", and the program declares \"b\"", "what is in \"a\" would be lost"});
    j.run(counting<sum<"a">>{});
    CHECK(j.out.back() == 190);
  }
  SECTION("removed, and declared without use") {
    j.run(counting<sum<"a">, sum<"b">>{}, 7);
    refused(counting<sum<"a">>{}, {"what is in \"b\" would be lost"});
    j.run(counting<sum<"a">, sum<"b">>{});
    CHECK(j.out.back() == 190);
  }
  SECTION("one more, in front") {
    j.run(counting<sum<"a">>{}, 7);
    j.run(counting<sum<"b">, sum<"a">>{});
    CHECK(j.out.back() == 190 - 9 * 10 / 2);  // from 10 on
  }
  SECTION("without its timers") {
    j.run(with_timers<sum<"a">>{}, 7);
    refused(counting<sum<"a">>{}, {"what is in \"(timers)\" would be lost", "keep on_timer"});
  }
  SECTION("with timers that it had not") {
    j.run(counting<sum<"a">>{}, 7);
    j.run(with_timers<sum<"a">>{});
    CHECK(std::ranges::count(j.out, -1) > 0);
    CHECK(std::ranges::count(j.out, 190) == 1);
  }
}

TEST_CASE("a uid that is gone is named") {
  process_job j;
  j.run(counting<sum<"a">>{}, 7);
  auto const numbers = std::views::iota(std::int64_t{0}, std::int64_t{20});
  std::string const said = error_of([&] {
    weir::run(weir::from(numbers, weir::uid<"in">) | weir::into(j.out, weir::uid<"out">),
              weir::lmdb_store{j.folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once);
  });
  CAPTURE(said);
  CHECK(has(said, "it has the operator"));
  CHECK(has(said, "\"p\""));
}

namespace {

struct note {
  std::int64_t number;
  std::string text;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(note, number, text);

TEST_CASE("at_least_once: a record that was cut between its quotes is taken back whole") {
  temp_directory const folder;
  auto const path = folder / "notes.csv";
  std::stop_source stop;
  auto const run = [&](std::int64_t last, std::stop_token token) {
    return weir::run(weir::from(std::views::iota(std::int64_t{1}, last + 1), weir::uid<"numbers">) |
                         weir::map([&](std::int64_t i) {
                           if (i == 2) stop.request_stop();
                           return note{i, "two\nlines, of \"" + std::to_string(i) + '"'};
                         }) |
                         weir::into(weir::csv_file<>{.path = path}, weir::uid<"notes">),
                     weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{.every = 1h},
                     weir::at_least_once, weir::batch_size{2}, token);
  };
  CHECK(run(4, stop.get_token()).status == weir::outcome::stopped);
  std::string const committed = content(path);
  // What a process had written when it was killed: half of a record, whose text has a line break.
  std::ofstream(path, std::ios::binary | std::ios::app) << "3,\"two\nlin";
  CHECK(run(4, {}).status == weir::outcome::finished);
  CHECK(content(path) == committed + "3,\"two\nlines, of \"\"3\"\"\"\n4,\"two\nlines, of \"\"4\"\"\"\n");
}
