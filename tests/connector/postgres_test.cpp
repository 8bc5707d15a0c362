#include "connector/postgres_server.hpp"

#include "catch.hpp"
#include "error_of.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/postgres.hpp>
#include <weir/weir.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using weir_test::error_of;
using weir_test::postgres_proxy;
using weir_test::postgres_server;

namespace postgres_test {

struct alert {
  std::int64_t id;
  std::string text;
  bool operator==(alert const&) const = default;
};
enum class color { red, green };
enum class level : std::int16_t { low = -3, high = 7 };
struct all_types {
  std::int64_t id;
  std::int16_t small;
  std::uint32_t natural;
  std::uint64_t large;
  float single;
  double number;
  bool flag;
  char letter;
  std::string text;
  weir::timestamp at;
  std::chrono::milliseconds lasted;
  weir::decimal<2> amount;
  color name;
  level rank;
  std::optional<std::string> maybe;
  std::optional<weir::timestamp> when;
  bool operator==(all_types const&) const = default;
};
struct strict {
  std::int32_t id;
  std::int32_t value;
};
struct part {
  std::int64_t id;
  std::optional<double> value;
};

}  // namespace postgres_test

using namespace postgres_test;
template <>
struct weir::enum_names<color> {
  static constexpr std::string_view values[] = {"red", "green"};
};
BOOST_HANA_ADAPT_STRUCT(postgres_test::alert, id, text);
BOOST_HANA_ADAPT_STRUCT(postgres_test::all_types, id, small, natural, large, single, number, flag, letter, text,
                        at, lasted, amount, name, rank, maybe, when);
BOOST_HANA_ADAPT_STRUCT(postgres_test::strict, id, value);
BOOST_HANA_ADAPT_STRUCT(postgres_test::part, id, value);

namespace {

// Writes records as a run would, one checkpoint after another, and can be dropped anywhere.
template <class T = alert>
struct job {
  using noun = weir::postgres_table<>;
  using writer = noun::writer<T>;
  weir_test::temp_directory folder;
  weir::counters counters;
  noun table;
  std::optional<std::string> committed;
  std::string in_savepoint;
  std::uint64_t epoch = 0;
  bool exactly_once = true;
  bool from_savepoint = false;

  explicit job(std::string name, std::vector<std::string> key = {})
      : table{.connection = postgres_server::get().connection(),
              .table = std::move(name),
              .key = std::move(key),
              .retry_for = 5s} {}
  // As the runtime begins.
  std::unique_ptr<writer> open() {
    auto w = std::make_unique<writer>(
        table, weir::sink_context{"alerts", exactly_once, folder.path(), counters, from_savepoint});
    if (committed)
      w->recover(std::string_view(*committed), epoch);
    else
      w->recover(std::nullopt, 0);
    if (epoch == 0)
      if (auto claim = w->claim(); claim && claim != committed) {
        committed = claim;
        w->recover(std::string_view(*claim), 0);
        CHECK(w->claim() == committed);
      }
    return w;
  }
  static void put(writer& w, T const& value) { w.open()(value, weir::untimed{}); }
  // Up to the commit.
  weir::sink_segment close(writer& w) {
    w.flush();
    auto segment = w.close_segment(epoch + 1);
    segment.make_durable();
    committed = segment.commitment;
    in_savepoint = segment.published;
    ++epoch;
    return segment;
  }
  void checkpoint(writer& w) { close(w).publish(); }
};

std::string fresh(std::string const& name, std::string const& columns) {
  auto& server = postgres_server::get();
  server.ask("DROP TABLE IF EXISTS " + name);
  server.ask("CREATE TABLE " + name + " (" + columns + ")");
  if (!server.ask("SELECT to_regclass('weir_epochs')").empty()) server.ask("DELETE FROM weir_epochs");
  return name;
}
std::string rows_of(std::string const& table) {
  return postgres_server::get().ask(
      "SELECT coalesce(string_agg(id || ':' || text, ' ' ORDER BY id, text), '') FROM " + table);
}

template <class T>
std::vector<T> read_all(weir::postgres_table<T> const& noun) {
  std::vector<T> out;
  typename weir::postgres_table<T>::reader reader(noun, {"rows"});
  while (!reader.ended(0)) {
    auto const got = reader.poll(0, 3, std::chrono::steady_clock::now() + 1s);
    out.insert(out.end(), got.begin(), got.end());
    reader.consume(0, got.size());
  }
  return out;
}

}  // namespace

TEST_CASE("a fenced table has each epoch once, whatever is cut off or repeated", "[connector][postgres]") {
  if (!postgres_server::get().installed()) return;
  job<> j(fresh("alerts", "id bigint, text text"));
  auto w = j.open();
  j.put(*w, {1, "one"});
  CHECK(rows_of("alerts").empty());
  auto first = j.close(*w);
  j.put(*w, {2, "two"});
  CHECK(rows_of("alerts").empty());
  first.publish();
  CHECK(rows_of("alerts") == "1:one");
  first.publish();
  CHECK(rows_of("alerts") == "1:one");
  j.close(*w);  // and dies before it publishes
  w = j.open();
  CHECK(rows_of("alerts") == "1:one 2:two");
  w = j.open();
  CHECK(rows_of("alerts") == "1:one 2:two");
  j.checkpoint(*w);  // nothing in it
  j.put(*w, {3, "three"});
  j.checkpoint(*w);
  j.put(*w, {9, "lost with the process"});
  w = j.open();
  CHECK(rows_of("alerts") == "1:one 2:two 3:three");
  CHECK(postgres_server::get().ask(
            "SELECT job || ' ' || sink || ' ' || epoch || ' ' || target FROM weir_epochs") ==
        "weir alerts 4 alerts");

  SECTION("an epoch larger than memory is to hold goes by way of a file") {
    std::string const text(1000, 'x');
    for (int i = 0; i < 2000; ++i) j.put(*w, {100 + i, text});
    auto segment = j.close(*w);
    CHECK(exists(j.folder / "sinks" / "alerts" / "5.segment"));
    w = j.open();
    CHECK(postgres_server::get().ask("SELECT count(*) || ' ' || sum(length(text)) FROM alerts") ==
          "2003 2000011");
    j.checkpoint(*w);
    j.checkpoint(*w);
    CHECK_FALSE(exists(j.folder / "sinks" / "alerts" / "5.segment"));
  }
  SECTION("a segment file that is damaged is refused") {
    for (int i = 0; i < 2000; ++i) j.put(*w, {100 + i, std::string(1000, 'x')});
    j.close(*w);
    std::filesystem::resize_file(j.folder / "sinks" / "alerts" / "5.segment", 1'000'000);
    CHECK(error_of<weir::restore_error>([&] { j.open(); }).find("the segment of epoch 5 is cut") !=
          std::string::npos);
  }
}

TEST_CASE("whoever else writes for the same job is refused", "[connector][postgres]") {
  if (!postgres_server::get().installed()) return;
  job<> j(fresh("alerts", "id bigint, text text"));
  auto w = j.open();
  j.put(*w, {1, "one"});
  j.checkpoint(*w);

  SECTION("a copy of the state that went another way") {
    auto const old_commit = j.committed;
    j.put(*w, {2, "zombie's"});
    auto zombie = j.close(*w);  // committed in its copy, not published yet
    j.committed = old_commit, j.epoch = 1;
    auto living = j.open();
    j.put(*living, {2, "two"});
    j.checkpoint(*living);
    CHECK(error_of<weir::restore_error>([&] { zombie.publish(); })
              .find("the database has epoch 2 of job \"weir\", and the state here went up to 1: another "
                    "process has "
                    "gone on from a copy of this state") != std::string::npos);
    j.put(*living, {3, "three"});
    j.checkpoint(*living);
    CHECK_THROWS_AS(zombie.publish(), weir::restore_error);
    CHECK(rows_of("alerts") == "1:one 2:two 3:three");
    j.committed = old_commit, j.epoch = 1;
    CHECK_THROWS_AS(j.open(), weir::restore_error);
  }
  SECTION("a new state, unless it is to take over; then the old one") {
    auto const before = j.committed;
    job<> other("alerts");
    CHECK(error_of<weir::restore_error>([&] {
            other.open();
          }).find("the row of job \"weir\" in weir_epochs belongs to another state") != std::string::npos);
    other.table.take_over = true;
    auto taker = other.open();
    other.put(*taker, {2, "two"});
    other.checkpoint(*taker);
    j.put(*w, {3, "three"});
    auto late = j.close(*w);
    CHECK_THROWS_AS(late.publish(), weir::restore_error);
    CHECK_THROWS_AS(j.open(), weir::restore_error);
    CHECK(rows_of("alerts") == "1:one 2:two");
    job<> third("alerts");
    third.table.job = "third";
    auto beside = third.open();
    third.put(*beside, {4, "four"});
    third.checkpoint(*beside);
    CHECK(rows_of("alerts") == "1:one 2:two 4:four");
  }
  SECTION("another database, or a row that is gone") {
    postgres_server::get().ask("DELETE FROM weir_epochs");
    CHECK(error_of<weir::restore_error>([&] { j.open(); }).find("has no row for job \"weir\"") !=
          std::string::npos);
    j.from_savepoint = true;
    j.committed = j.in_savepoint;
    w = j.open();  // the job has moved
    w = j.open();
    j.from_savepoint = false;
    j.put(*w, {2, "two"});
    j.checkpoint(*w);
    j.open();
    CHECK(rows_of("alerts") == "1:one 2:two");
  }
  SECTION("another table or job") {
    j.table.job = "other";
    CHECK(error_of<weir::restore_error>([&] { j.open(); }).find("name these again") != std::string::npos);
  }
}

TEST_CASE("a lost answer, a cut connection and a server that crashes change nothing", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  job<> j(fresh("alerts", "id bigint, text text"));
  auto w = j.open();
  j.put(*w, {1, "one"});
  j.checkpoint(*w);
  SECTION("the answer to COMMIT") {
    postgres_proxy proxy(server.port());
    j.table.connection = proxy.connection();
    w = j.open();
    j.put(*w, {2, "two"});
    auto segment = j.close(*w);
    proxy.swallow_answer_to("COMMIT");
    segment.publish();
    CHECK(proxy.happened());
  }
  SECTION("the answer to COMMIT, on a connection that stays open and silent") {
    postgres_proxy proxy(server.port());
    j.table.connection = proxy.connection();
    j.table.reply_timeout = 200ms;
    w = j.open();
    j.put(*w, {2, "two"});
    auto segment = j.close(*w);
    proxy.hold_answer_to("COMMIT");
    segment.publish();
    CHECK(proxy.happened());
  }
  SECTION("COMMIT, the records, the question for the row") {
    for (char const* at : {"COMMIT", "two", "FOR UPDATE", "BEGIN"}) {
      fresh("alerts", "id bigint, text text");
      job<> again("alerts");
      postgres_proxy proxy(server.port());
      again.table.connection = proxy.connection();
      auto v = again.open();
      again.put(*v, {1, "one"});
      again.checkpoint(*v);
      again.put(*v, {2, "two"});
      auto segment = again.close(*v);
      proxy.cut_at(at);
      segment.publish();
      INFO(at);
      CHECK(proxy.happened());
      CHECK(rows_of("alerts") == "1:one 2:two");
    }
  }
  SECTION("the server crashes, and comes back while the sink tries") {
    j.put(*w, {2, "two"});
    auto segment = j.close(*w);
    server.crash();
    std::thread publishing([&] { segment.publish(); });
    server.start();
    publishing.join();
  }
  SECTION("the session is ended by an administrator") {
    server.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'weir' AND "
        "pid <> pg_backend_pid()");
    j.put(*w, {2, "two"});
    j.checkpoint(*w);
  }
  CHECK(rows_of("alerts") == "1:one 2:two");
}

TEST_CASE("a server that stays away fails the sink within its budget", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  job<> j(fresh("alerts", "id bigint, text text"));
  j.table.retry_for = 100ms;
  auto w = j.open();
  j.put(*w, {1, "one"});
  auto segment = j.close(*w);
  server.stop();
  std::string const text = error_of<weir::connector_error>([&] { segment.publish(); });
  server.start();
  INFO(text);
  CHECK(text.find("weir::postgres_table: sink \"alerts\": ") == 0);
  CHECK(text.find("times in") != std::string::npos);
  CHECK(rows_of("alerts").empty());
  j.open();
  CHECK(rows_of("alerts") == "1:one");
  CHECK(error_of<weir::config_error>([] {
          weir::detail::postgres_connection("weir", {"nonsense", 1s, 1s});
        }).find("weir: the connection text cannot be read: ") == 0);
}

TEST_CASE("kills at random points of epochs lose and double nothing", "[connector][postgres]") {
  if (!postgres_server::get().installed()) return;
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (bool const keyed : {false, true}) {
    job<> j(fresh("alerts", keyed ? "id bigint PRIMARY KEY, text text" : "id bigint, text text"),
            keyed ? std::vector<std::string>{"id"} : std::vector<std::string>());
    std::vector<alert> pending, committed;
    std::int64_t next = 0;
    for (int life = 0; life < 12; ++life) {
      auto w = j.open();
      pending.clear();
      for (;;) {
        for (std::size_t i = below(5); i > 0; --i, ++next) {
          alert const a{next, std::string(below(2) == 0 ? 5 : 40'000, static_cast<char>('a' + next % 26))};
          j.put(*w, a);
          pending.push_back(a);
        }
        std::size_t const dies = below(10);
        if (dies == 0) break;
        w->flush();
        auto segment = w->close_segment(j.epoch + 1);
        if (dies == 1) break;
        segment.make_durable();
        if (dies == 2) break;
        j.committed = segment.commitment, ++j.epoch;
        committed.insert(committed.end(), pending.begin(), pending.end());
        pending.clear();
        if (dies == 3) break;
        segment.publish();
        if (dies == 4) break;
      }
    }
    j.open();
    std::string expected;
    for (alert const& a : committed)
      expected += (expected.empty() ? "" : " ") + std::to_string(a.id) + ":" + a.text;
    REQUIRE(rows_of("alerts") == expected);
  }
}

TEST_CASE("with a key the last record of each stays", "[connector][postgres]") {
  if (!postgres_server::get().installed()) return;
  job<> j(fresh("totals", "id bigint PRIMARY KEY, text text, more int DEFAULT 7"), {"id"});
  auto w = j.open();
  for (int i = 0; i < 100; ++i) j.put(*w, {i % 3, std::to_string(i)});
  j.checkpoint(*w);
  CHECK(rows_of("totals") == "0:99 1:97 2:98");
  j.put(*w, {1, "new"});
  j.checkpoint(*w);
  CHECK(rows_of("totals") == "0:99 1:new 2:98");
  CHECK(postgres_server::get().ask("SELECT sum(more) FROM totals") == "21");
  j.table.key = {"text"};
  CHECK(error_of<weir::connector_error>([&] { j.open(); }).find("no unique or exclusion constraint") !=
        std::string::npos);
  j.table.key = {"nothing"};
  CHECK_THROWS_AS(j.open(), weir::config_error);
}

TEST_CASE("at_least_once writes as records come", "[connector][postgres]") {
  if (!postgres_server::get().installed()) return;
  job<> j(fresh("alerts", "id bigint, text text"));
  j.exactly_once = false;
  auto w = j.open();
  CHECK_FALSE(w->claim());
  j.put(*w, {1, "one"});
  w->flush();  // the first batch at once, later ones together
  CHECK(rows_of("alerts") == "1:one");
  j.put(*w, {2, "two"});
  j.checkpoint(*w);
  CHECK(rows_of("alerts") == "1:one 2:two");
  j.put(*w, {3, "three"});
  w->finish();
  j.open();
  CHECK(rows_of("alerts") == "1:one 2:two 3:three");
}

TEST_CASE("every type goes to the server and comes back", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  weir::detail::postgres_connection none("test", {server.connection(), 1s, 1s});
  server.ask("DROP TABLE IF EXISTS everything");
  server.ask(weir::detail::postgres_create<all_types>(none, "everything", {"id"}));
  auto const instant = [](std::int64_t t) { return weir::from_ticks(t); };
  double const nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  std::string every;
  for (char c = 1; c > 0; ++c) every += c;
  std::vector<all_types> const sent{
      {1, -7, 4'000'000'000, 18'446'744'073'709'551'615u, 0.1f, 0.1, true, 'x', "plain",
       instant(1'700'000'000'123'456), 1500ms, "12.34", color::green, level::high, "some", instant(0)},
      {2, 32767, 0, 0, -1e30f, inf, false, '\t', "tab\tline\nreturn\rback\\slash \\N \\. quote' \"double\"",
       weir::min_time, -1ms, "-0.01", color::red, level::low, std::nullopt, std::nullopt},
      {3, 0, 1, 1, 0, -inf, false, '\\', "\\.\n", weir::max_time, 0ms, "92233720368547758.07", color::red,
       level{5}, "\\N", weir::max_time},
      {4, 0, 1, 1, 0, 5e-324, false, ' ', every + "\u00e4\u20ac\U0001F600", instant(-62'000'000'000'000'001),
       0ms, 0, color::red, level{5}, "", instant(-200'000'000'000'000'000)},
      {5, 0, 1, 1, 0, 0, false, ' ', "", instant(9'000'000'000'000'000'000), 0ms, 0, color::red, level{5},
       "NULL", instant(-1)}};
  job<all_types> j("everything");
  fresh("unused", "id int");
  auto w = j.open();
  for (all_types const& r : sent) j.put(*w, r);
  j.checkpoint(*w);
  auto const back =
      read_all(weir::postgres_table<all_types>{.connection = server.connection(), .table = "everything"});
  REQUIRE(back.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    INFO(i << " " << back[i].text << " " << back[i].at.time_since_epoch().count());
    CHECK(back[i].small == sent[i].small);
    CHECK(back[i].natural == sent[i].natural);
    CHECK(back[i].single == sent[i].single);
    CHECK(back[i].number == sent[i].number);
    CHECK(back[i].letter == sent[i].letter);
    CHECK(back[i].text == sent[i].text);
    CHECK(back[i].at == sent[i].at);
    CHECK(back[i].rank == sent[i].rank);
    CHECK(back[i].amount == sent[i].amount);
    CHECK(back[i].maybe == sent[i].maybe);
    CHECK((back[i].when == sent[i].when));
    CHECK(back[i] == sent[i]);
  }
  all_types r = sent[0];
  r.number = nan, r.id = 6;
  j.put(*w, r);
  j.checkpoint(*w);
  CHECK(server.ask("SELECT number FROM everything WHERE id = 6") == "NaN");
  CHECK(server.ask("SELECT text FROM everything WHERE id = 2") == sent[1].text);
  r.text = std::string("a\0b", 3);
  CHECK(error_of<weir::connector_error>([&] { j.put(*w, r); }) ==
        "weir::postgres_table: sink \"alerts\": the table everything: the field \"text\" of a record cannot be "
        "written: the text has a NUL character, which PostgreSQL cannot hold; clean the records, or filter "
        "such ones "
        "out, before the sink");
  r.text = "\xff";
  CHECK(error_of<weir::connector_error>([&] { j.put(*w, r); }).find("is not UTF-8") != std::string::npos);
  r.text = "", r.at = instant(-9'000'000'000'000'000'000);
  CHECK(error_of<weir::connector_error>([&] { j.put(*w, r); }).find("before 4712 BC") != std::string::npos);
}

TEST_CASE("a table that does not fit is refused before anything runs", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  auto const refusal = [&](std::string const& columns) {
    job<strict> j(fresh("refused", columns));
    return error_of<weir::connector_error>([&] { j.open(); });
  };
  server.ask("DROP TABLE IF EXISTS missing");
  job<strict> j("missing", {"id"});
  CHECK(
      error_of<weir::connector_error>([&] { j.open(); }) ==
      "weir::postgres_table: sink \"alerts\": there is no table missing in the database postgres; name another "
      "one, "
      "or make it: CREATE TABLE \"missing\" (\"id\" integer NOT NULL, \"value\" integer NOT NULL, PRIMARY KEY "
      "(\"id\"))");
  CHECK(refusal("id int") ==
        "weir::postgres_table: sink \"alerts\": the table refused has no column \"value\", which is a field of "
        "the "
        "records; add it (ALTER TABLE refused ADD COLUMN \"value\" integer NOT NULL), or map the records to a "
        "struct "
        "without it");
  CHECK(refusal("id int, value smallint") ==
        "weir::postgres_table: sink \"alerts\": the table refused: the column \"value\" is smallint, which "
        "cannot hold "
        "every int; make it integer NOT NULL, or map the field to another type");
  CHECK(refusal("id int, value int, third int NOT NULL").find("is NOT NULL without a default") !=
        std::string::npos);
  CHECK(refusal("id int, value int GENERATED ALWAYS AS (id + 1) STORED").find("generated by the server") !=
        std::string::npos);
  CHECK(refusal("id int, value int, third int NOT NULL DEFAULT 3") == "no error");
  job<part> p(fresh("refused", "id bigint, value float8 NOT NULL"));
  CHECK(error_of<weir::connector_error>([&] { p.open(); }).find("the field is a std::optional") !=
        std::string::npos);
  job<alert> k(fresh("refused", "id bigint, text text"));
  k.table.connection = server.connection() + " dbname=nowhere";
  CHECK(error_of<weir::connector_error>([&] { k.open(); }).find("does not exist; look at the connection") !=
        std::string::npos);
}

TEST_CASE("a source reads on from where it was", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  fresh("numbers", "id bigserial PRIMARY KEY, value float8");
  server.ask("INSERT INTO numbers (value) SELECT i FROM generate_series(1, 25) i");
  weir::postgres_table<part> noun{.connection = server.connection(), .table = "numbers", .chunk = 7};
  CHECK(read_all(noun).size() == 25);
  std::string saved;
  using reader = weir::postgres_table<part>::reader;
  auto const soon = [] { return std::chrono::steady_clock::now() + 5s; };
  {
    reader first(noun, {"rows"});
    std::size_t n = 0;
    while (n < 9) {
      auto const got = first.poll(0, 9 - n, soon());
      REQUIRE(!got.empty());
      CHECK(got[0].id == static_cast<std::int64_t>(n + 1));
      CHECK(first.poll(0, 9 - n, soon()).data() == got.data());
      first.consume(0, got.size());
      n += got.size();
    }
    first.save(saved);
  }
  server.ask("INSERT INTO numbers (value) VALUES (26)");
  {
    reader second(noun, {"rows"});
    second.restore(saved);
    std::int64_t last = 9;
    while (!second.ended(0)) {
      auto const got = second.poll(0, 100, soon());
      for (part const& p : got) CHECK(p.id == ++last);
      second.consume(0, got.size());
    }
    CHECK(last == 25);  // what was there when it began
    saved.clear();
    second.save(saved);
  }
  server.ask("UPDATE numbers SET value = NULL WHERE id = 3");
  server.ask("DELETE FROM numbers WHERE id > 5");
  reader third(noun, {"rows"});
  CHECK(error_of<weir::restore_error>([&] { third.restore(saved); }).find("was read up to 25") !=
        std::string::npos);
  noun.key = {"value"};
  CHECK(error_of<weir::connector_error>([&] { reader(noun, {"rows"}); }).find("is double precision") !=
        std::string::npos);
  fresh("keyless", "id bigint, value float8");
  noun.key = {}, noun.table = "keyless";
  CHECK(error_of<weir::connector_error>([&] {
          reader(noun, {"rows"});
        }).find("has no primary key of one column") != std::string::npos);
  fresh("cached", "id bigserial PRIMARY KEY, value float8");
  server.ask("ALTER SEQUENCE cached_id_seq CACHE 10");
  noun.table = "cached";
  CHECK(error_of<weir::connector_error>([&] { reader(noun, {"rows"}); }).find("has CACHE 10") !=
        std::string::npos);
}

TEST_CASE("rows that do not fit the struct fail, or are told", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  fresh("odd", "id bigserial PRIMARY KEY, value bigint");
  server.ask("INSERT INTO odd (value) VALUES (1), (NULL), (5000000000), (4)");
  weir::postgres_table<strict> const noun{.connection = server.connection(), .table = "odd"};
  CHECK(error_of<weir::format_error>([&] { read_all(noun); }) ==
        "weir::postgres_table: source \"rows\": the table odd: the row with id = 2: the column \"value\" is "
        "NULL, and "
        "the field is no std::optional; change the row or the struct, or let from() skip such rows");
  std::vector<weir::malformed_record> bad;
  weir::postgres_table<strict>::reader reader(noun, {"rows", true, &bad});
  auto const got = reader.poll(0, 10, std::chrono::steady_clock::now() + 5s);
  REQUIRE(got.size() == 2);
  CHECK(bad.empty());
  reader.consume(0, 1);
  CHECK(bad.empty());
  reader.consume(0, 1);
  REQUIRE(bad.size() == 2);
  CHECK(bad[1] ==
        weir::malformed_record{"odd", 3, 0,
                               "the column \"value\" has '5000000000', which is not a whole number that fits",
                               "3\t3\t5000000000"});
}

TEST_CASE("a slow transaction with a lower number is not left out", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  fresh("events", "id bigserial PRIMARY KEY, text text");
  weir::detail::postgres_connection slow("slow", {server.connection(), 5s, 5s});
  auto const say = [&](std::string const& sql) { slow.once([&] { slow.run(sql); }); };
  using reader = weir::postgres_table<alert>::reader;
  weir::postgres_table<alert> const noun{
      .connection = server.connection(), .table = "events", .follow = true, .interval = 1ms};
  reader events(noun, {"rows"});
  std::vector<alert> seen;
  auto const look = [&](std::size_t wanted) {
    // Nothing that comes late is waited for by the clock alone: a look that finds nothing is a whole look.
    auto const until = std::chrono::steady_clock::now() + (wanted == 0 ? 150ms : 5000ms);
    do {
      auto const got = events.poll(0, 10, std::chrono::steady_clock::now() + 20ms);
      seen.insert(seen.end(), got.begin(), got.end());
      events.consume(0, got.size());
      wanted -= std::min(wanted, got.size());
      if (wanted == 0 && !got.empty()) return;
    } while (std::chrono::steady_clock::now() < until);
  };
  server.ask("INSERT INTO events (text) VALUES ('first')");
  look(1);
  CHECK(seen == std::vector<alert>{{1, "first"}});
  SECTION("it wrote first") {
    say("BEGIN");
    say("INSERT INTO events (text) VALUES ('slow')");
    server.ask("INSERT INTO events (text) VALUES ('fast')");
    look(0);
    CHECK(seen.size() == 1);
    say("COMMIT");
    look(2);
    CHECK(seen == std::vector<alert>{{1, "first"}, {2, "slow"}, {3, "fast"}});
  }
  SECTION("it took the number first, and its transaction is the younger one") {
    // As an INSERT that has evaluated its default and has not stored the row: with the lock, without a transaction number.
    say("BEGIN");
    say("LOCK TABLE events IN ROW EXCLUSIVE MODE");
    say("SELECT nextval('events_id_seq')");
    server.ask("INSERT INTO events (text) VALUES ('fast')");
    look(0);
    CHECK(seen.size() == 1);
    say("INSERT INTO events (id, text) VALUES (2, 'slow')");
    look(0);
    CHECK(seen.size() == 1);
    say("COMMIT");
    look(2);
    CHECK(seen == std::vector<alert>{{1, "first"}, {2, "slow"}, {3, "fast"}});
  }
  SECTION("it takes its number back") {
    say("BEGIN");
    say("INSERT INTO events (text) VALUES ('slow')");
    server.ask("INSERT INTO events (text) VALUES ('fast')");
    look(0);
    say("ROLLBACK");
    look(1);
    CHECK(seen == std::vector<alert>{{1, "first"}, {3, "fast"}});
  }
  SECTION("a transaction that is prepared counts as running, and who came later does not hold the others up") {
    say("BEGIN");
    say("INSERT INTO events (text) VALUES ('prepared')");
    say("PREPARE TRANSACTION 'weir'");
    server.ask("INSERT INTO events (text) VALUES ('fast')");
    look(0);
    CHECK(seen.size() == 1);
    say("COMMIT PREPARED 'weir'");
    look(2);
    CHECK(seen.size() == 3);
  }
  SECTION("the server goes away and comes back") {
    server.ask("INSERT INTO events (text) VALUES ('second')");
    server.crash();
    std::thread starting([&] { server.start(); });
    look(1);
    starting.join();
    CHECK(seen.size() == 2);
  }
  CHECK_FALSE(events.ended(0));
}

TEST_CASE("two writers that overlap at random lose no row to the source", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  fresh("events", "id bigserial PRIMARY KEY, text text");
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::atomic<bool> done{false};
  std::atomic<int> kept{0};
  std::vector<std::thread> writers;
  for (unsigned n = 0; n < 2; ++n)
    writers.emplace_back([&, n] {
      std::mt19937 random(seed + n);
      weir::detail::postgres_connection c("writer", {server.connection(), 5s, 5s});
      c.once([&] {
        for (int i = 0; i < 150; ++i) {
          c.run("BEGIN");
          int const rows = 1 + static_cast<int>(random() % 3);
          for (int r = 0; r < rows; ++r) c.run("INSERT INTO events (text) VALUES ('x')");
          bool const keeps = random() % 4 != 0;
          c.run(keeps ? "COMMIT" : "ROLLBACK");
          if (keeps) kept += rows;
        }
      });
    });
  weir::postgres_table<alert> const noun{
      .connection = server.connection(), .table = "events", .follow = true, .interval = 1ms, .chunk = 16};
  weir::postgres_table<alert>::reader events(noun, {"rows"});
  std::vector<std::int64_t> seen;
  std::thread waits([&] {
    for (auto& w : writers) w.join();
    done = true;
  });
  for (int quiet = 0; quiet < 3;) {
    bool const was_done = done;
    auto const got = events.poll(0, 100, std::chrono::steady_clock::now() + 30ms);
    for (alert const& a : got) seen.push_back(a.id);
    events.consume(0, got.size());
    quiet = was_done && got.empty() ? quiet + 1 : 0;
  }
  waits.join();
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(static_cast<int>(seen.size()) == kept);
}

TEST_CASE("a whole job from a table into a table, killed and gone on with", "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  fresh("numbers", "id bigserial PRIMARY KEY, value float8");
  fresh("squares", "id bigint, value float8");
  server.ask("INSERT INTO numbers (value) SELECT i FROM generate_series(1, 5000) i");
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  weir_test::temp_directory folder;
  std::int64_t records = 0, dies_at = 0;
  bool by_signal = false;
  auto const pipeline =
      weir::from(
          weir::postgres_table<part>{.connection = server.connection(), .table = "numbers", .chunk = 500},
          weir::uid<"numbers">) |
      weir::map([&](part const& p) {
        if (++records == dies_at) {
          if (by_signal) ::kill(::getpid(), SIGKILL);
          throw std::runtime_error("killed");
        }
        return part{p.id, *p.value * *p.value};
      }) |
      weir::into(weir::postgres_table<>{.connection = server.connection(), .table = "squares"},
                 weir::uid<"squares">);
  auto const go = [&] {
    return weir::run(pipeline, weir::lmdb_store{folder.path()}, weir::periodic_checkpoints{.every = 1ms},
                     weir::exactly_once, weir::batch_size{20});
  };
  auto const sums = [&] {
    return server.ask("SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(value) FROM squares");
  };
  // Another process each time: it goes without a word, wherever its other thread is.
  for (int i = 0; i < 8; ++i) {
    dies_at = 1 + static_cast<std::int64_t>(random() % 700);
    ::pid_t const child = ::fork();
    if (child == 0) {
      by_signal = true;
      try {
        go();
      } catch (...) {
      }
      ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
  }
  records = 0, dies_at = 100;
  CHECK_THROWS_WITH(go(), "killed");
  dies_at = 0;
  CHECK(go().status == weir::outcome::finished);
  CHECK(go().status == weir::outcome::already_finished);
  CHECK(sums() == "5000 5000 41679167500");
}

TEST_CASE("a record that the table has no form for goes to a side output, a server that is away is told",
          "[connector][postgres]") {
  auto& server = postgres_server::get();
  if (!server.installed()) return;
  fresh("alerts", "id bigint, text text");
  weir_test::temp_directory folder;
  std::stop_source stop;
  std::vector<std::string> heard;
  auto const job = weir::from(std::views::iota(std::int64_t{1}, std::int64_t{1} << 40), weir::uid<"numbers">) |
                   weir::inspect([&](std::int64_t n) {
                     if (n == 2'000) server.stop();
                   }) |
                   weir::filter([](std::int64_t n) { return n % 100 == 0; }) | weir::map([](std::int64_t n) {
                     return alert{n, n % 1'000 == 0 ? std::string("a\0b", 3) : "text"};
                   }) |
                   weir::into(weir::postgres_table<>{.connection = server.connection(), .table = "alerts"},
                              weir::uid<"alerts">, weir::failed_to<"bad">) |
                   weir::discard<"bad">;
  auto const result =
      weir::run(job, weir::lmdb_store{folder.path()}, weir::periodic_checkpoints{.every = 1ms},
                weir::batch_size{20}, stop.get_token(), weir::observer{[&]<class Event>(Event const& e) {
                  if constexpr (std::is_same_v<Event, weir::connector_retrying>) {
                    if (heard.empty()) server.start();
                    heard.push_back(std::string(e.uid));
                  } else if constexpr (std::is_same_v<Event, weir::checkpoint_completed>) {
                    if (!heard.empty()) stop.request_stop();
                  }
                }});
  CHECK(!heard.empty());
  CHECK(heard.front() == "alerts");
  CHECK(server.ask("SELECT count(*) FROM alerts") == std::to_string(result.total("alerts", "in")));
  std::uint64_t const refused = result.total("alerts", "failed");
  CHECK(refused >= 2);
  CHECK(result.total("bad", "discarded") == refused);
  CHECK(result.total("numbers", "out") / 100 == result.total("alerts", "in") + refused);
}
