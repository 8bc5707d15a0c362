// What a job has saved, read without it: every kind of state, from the directory and from a savepoint of it.
#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <weir/checkpoint/fsck.hpp>
#include <weir/checkpoint/inspection.hpp>
#include <weir/checkpoint/stored_key.hpp>
#include <weir/weir.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <ranges>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir_test::temp_directory;

struct held {
  std::string text;
  std::optional<double> part;
  std::vector<std::int32_t> numbers;
};
BOOST_HANA_ADAPT_STRUCT(held, text, part, numbers);

struct place_key {
  std::string city;
  std::int32_t number;
};
BOOST_HANA_ADAPT_STRUCT(place_key, city, number);

struct own_bytes {
  char c = 'x';
};
template <>
struct weir::codec<own_bytes> {
  static void encode(own_bytes const& b, std::string& out) { out.push_back(b.c); }
  static void decode(byte_reader& in, own_bytes& b) { b.c = static_cast<char>(in.byte()); }
  static std::string schema() { return "own_bytes"; }
};

namespace {

std::string const long_key(600, 'k');
std::string key_of(std::int64_t n) { return n % 10 == 5 ? long_key : "k" + std::to_string(n % 10); }

std::string bytes_in(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put_bytes(std::filesystem::path const& path, std::string const& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

struct all_kinds {
  using output = std::int64_t;
  weir::value_state<held, "value"> value;
  weir::list_state<std::int64_t, "list"> list;
  weir::map_state<std::string, std::int64_t, "map"> map;
  weir::value_state<own_bytes, "own"> own;
  weir::value_state<std::int64_t, "short-lived", weir::event_time_ttl> lived{weir::event_time_ttl{.after = 1h}};
  weir::list_state<std::int64_t, "short list", weir::event_time_ttl> lived_list{
      weir::event_time_ttl{.after = 1h}};
  auto states() { return std::tie(value, list, map, own, lived, lived_list); }

  template <class Context, class Emit>
  void on_record(std::int64_t n, Context& context, Emit const&) {
    if (n % 10 == 7) return;
    value.update(held{"a \"quoted\"\n line", n < 15 ? std::nullopt : std::optional<double>(0.5), {1, -2}});
    list.add(n);
    map["m" + std::to_string(n)] = n * n;
    own.update(own_bytes{'z'});
    lived.update(n);
    if (n % 10 == 1) lived_list.add(n);
    context.set_timer(weir::from_ticks(3'600'000'000 + n % 10));
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context&, Emit const&) {}
};

struct job {
  std::filesystem::path state;

  // Twenty records, and stopped.
  void run() const {
    using namespace weir::literals;
    std::stop_source stop;
    // clang-format off
    auto const pipeline =
        weir::from(std::views::iota(std::int64_t{0}, std::int64_t{40}), weir::uid<"numbers">)
      | weir::inspect([&](std::int64_t n) { if (n == 19) stop.request_stop(); })
      | weir::assign_timestamps([](std::int64_t n) { return weir::from_ticks(n); }, weir::monotonous_timestamps{})
      | weir::branch(
            weir::key_by([](std::int64_t n) { return key_of(n); })
          | weir::process<"all">(all_kinds{}) | weir::into([](std::int64_t) {}, weir::uid<"none">),
            weir::key_by([](std::int64_t n) { return place_key{n % 2 ? "Ham\"burg" : "Ulm", static_cast<std::int32_t>(-n % 2)}; })
          | weir::window(weir::tumbling_windows{.size = 1h})
          | weir::aggregate(weir::count()) | weir::uid<"hours">
          | weir::into([](auto const&) {}, weir::uid<"none 2">),
            weir::key_by([](std::int64_t n) { return n % 3 - 1; })
          | weir::window(weir::session_windows{.gap = 1h})
          | weir::aggregate(weir::count()) | weir::uid<"sessions">
          | weir::into([](auto const&) {}, weir::uid<"none 3">));
    // clang-format on
    weir::run(pipeline, weir::lmdb_store{state}, weir::periodic_checkpoints{.every = 1h}, weir::at_least_once,
              weir::batch_size{20}, stop.get_token());
  }
};

std::string json(weir::detail::schema_node const& type, std::string_view bytes) {
  weir::text_buffer out;
  weir::detail::state_form::write_key(out, type, bytes);
  return std::string(out.view());
}
// "uid/state key [window] [map key] value", in order.
std::set<std::string> lines(weir::inspection& in) {
  std::set<std::string> all;
  in.for_each([&](weir::stored_entry const& e) {
    std::string line = e.state->full_name() + (e.timer ? " timer " : " ") + json(e.form->key, e.key);
    weir::text_buffer out;
    if (e.timer) weir::write_json(out, e.due);
    if (e.window_end) weir::write_json(out, *e.window_end), out.append(' ');
    if (e.has_map_key) out.append(json(e.form->map_key, e.map_key) + " ");
    std::optional<weir::timestamp> expires;
    if (!e.timer) expires = e.form->write_value(out, e.value);
    if (expires) out.append(" until "), weir::write_json(out, *expires);
    all.insert(line + " " + std::string(out.view()));
  });
  return all;
}
std::string bytes_of(weir::inspection const& in, std::uint32_t id, std::string const& text) {
  return weir::detail::stored_key::bytes(in.form(id).key, text);
}
std::uint32_t id_of(weir::inspection const& in, std::string const& uid, std::string const& name) {
  for (auto const& s : in.states())
    if (s.uid == uid && s.name == name) return s.id;
  FAIL("no state " << uid << "/" << name);
  return 0;
}
std::string value_of(weir::inspection& in, std::string const& uid, std::string const& name,
                     std::string const& key) {
  std::uint32_t const id = id_of(in, uid, name);
  weir::text_buffer out;
  in.for_key(id, bytes_of(in, id, key), [&](weir::stored_entry const& e) {
    if (e.window_end) weir::write_json(out, *e.window_end), out.append(' ');
    if (e.has_map_key) out.append(json(e.form->map_key, e.map_key) + " ");
    e.form->write_value(out, e.value);
    out.append(';');
  });
  return std::string(out.view());
}

}  // namespace

TEST_CASE("inspection: all kinds of state, from the directory") {
  temp_directory const dir;
  job{dir / "state"}.run();
  weir::inspection in(dir / "state");
  REQUIRE(in.committed());
  CHECK(in.committed()->epoch == 1);
  CHECK_FALSE(in.committed()->finished);
  CHECK(in.key_groups() == 128);
  auto const all = lines(in);
  std::string said;
  for (auto const& line : all) said += line.substr(0, 200) + "\n";
  INFO(said);
  for (
      char const* expected :
      {R"(all/value "k1" {"text":"a \"quoted\"\n line","part":null,"numbers":[1,-2]})",
       R"(all/value "k9" {"text":"a \"quoted\"\n line","part":0.5,"numbers":[1,-2]})",
       R"(all/list "k3" [3,13])", R"(all/map "k3" "m13" 169)", R"(all/own "k3" {"hex":"7a"})",
       R"(all/short-lived "k3" 13 until "1970-01-01T01:00:00.000013Z")",
       R"(all/short list "k1" [{"value":1,"expires":"1970-01-01T01:00:00.000001Z"},{"value":11,"expires":"1970-01-01T01:00:00.000011Z"}])",
       R"(all/(timers) "k3" ["1970-01-01T01:00:00.000003Z"])",
       R"(all timer "k3" "1970-01-01T01:00:00.000003Z")",
       R"(hours/window {"city":"Ham\"burg","number":-1} "1970-01-01T01:00:00Z" {"count":10})",
       R"(sessions/sessions 1 [["1970-01-01T00:00:00.000002Z","1970-01-01T01:00:00.000017Z",false,{"count":6}]])"}) {
    CAPTURE(expected);
    CHECK(all.contains(expected));
  }
  CHECK(all.contains("all/map \"" + long_key + "\" \"m15\" 225"));
  CHECK(all.size() == 81);

  CHECK(value_of(in, "all", "list", "k3") == "[3,13];");
  CHECK(value_of(in, "all", "map", "k3") == "\"m13\" 169;\"m3\" 9;");
  CHECK(value_of(in, "all", "map", long_key) == "\"m15\" 225;\"m5\" 25;");
  CHECK(value_of(in, "hours", "window", R"(["Ulm",0])") == "\"1970-01-01T01:00:00Z\" {\"count\":10};");
  CHECK(value_of(in, "hours", "window", R"({"number":0,"city":"Ulm"})") ==
        "\"1970-01-01T01:00:00Z\" {\"count\":10};");
  CHECK(value_of(in, "sessions", "sessions", "-1") ==
        R"([["1970-01-01T00:00:00Z","1970-01-01T01:00:00.000018Z",false,{"count":7}]];)");
  CHECK(value_of(in, "all", "list", "nobody").empty());
}

TEST_CASE("inspection: a savepoint holds the same") {
  temp_directory const dir;
  job{dir / "state"}.run();
  {
    weir::detail::lmdb_environment environment(dir / "state", std::size_t{1} << 30);
    weir::detail::read_transaction const now(environment);
    std::string record;
    weir::detail::each_item(
        "commit", *now.get(weir::detail::database::meta, "commit"),
        [&](std::string_view, std::string_view payload) {
          record = payload;
          return true;
        },
        [] {});
    weir::detail::write_savepoint(environment, record, dir / "saved");
  }
  weir::inspection directory(dir / "state"), savepoint(dir / "saved");
  CHECK(savepoint.is_savepoint());
  CHECK(savepoint.committed() == directory.committed());
  CHECK(lines(savepoint) == lines(directory));
  CHECK(value_of(savepoint, "all", "map", long_key) == "\"m15\" 225;\"m5\" 25;");
  auto const sound = weir::fsck(dir / "saved");
  CHECK(sound.sound());
  CHECK(sound.entries == 81);

  // Every byte of a savepoint counts.
  std::string const whole = bytes_in(dir / "saved");
  std::mt19937 random(7);
  for (std::size_t at = random() % 53; at < whole.size(); at += 53) {
    std::string changed = whole;
    changed[at] ^= static_cast<char>(1 << random() % 8);
    put_bytes(dir / "changed", changed);
    CAPTURE(at);
    CHECK_FALSE(weir::fsck(dir / "changed").sound());
  }
}

TEST_CASE("inspection: going on with a later moment where one takes too long") {
  temp_directory const dir;
  job{dir / "state"}.run();
  weir::inspection at_once(dir / "state"), hurried(dir / "state", -1ns);
  auto const all = lines(at_once);
  CHECK(at_once.instants() == 1);
  CHECK(lines(hurried) == all);
  CHECK(hurried.instants() == 1);
  // Each entry at a moment of its own.
  weir::inspection let_go(dir / "state");
  std::size_t n = 0;
  let_go.for_each([&](weir::stored_entry const&) {
    ++n;
    let_go.let_go();
  });
  CHECK(n == all.size());
  CHECK(let_go.instants() == 1);  // always of the same commit
}

TEST_CASE("inspection: refusals") {
  temp_directory const dir;
  CHECK_THROWS_WITH(weir::inspection(dir / "none"), Catch::Contains("there is no such directory"));
  CHECK_THROWS_WITH(weir::inspection(dir.path()), Catch::Contains("there is no data.mdb"));
  put_bytes(dir / "no savepoint", "hello");
  CHECK_THROWS_WITH(weir::inspection(dir / "no savepoint"), Catch::Contains("this is no savepoint of weir"));
  {
    weir::lmdb_backend const held(weir::lmdb_store{dir / "held"});
    CHECK_THROWS_WITH(weir::inspection(dir / "held"), Catch::Contains("this process itself runs the job"));
  }
  weir::inspection const nothing(dir / "held");
  CHECK_FALSE(nothing.committed());
  CHECK(nothing.states().empty());
  CHECK(weir::fsck(dir / "held").sound());
}

TEST_CASE("fsck: what checksums cannot know") {
  using namespace weir::detail;
  temp_directory const dir;
  job{dir / "state"}.run();
  CHECK(weir::fsck(dir / "state").sound());
  std::string key, text, expected;
  database where = database::state;
  auto const begin = [&](std::uint32_t id, std::string_view bytes, unsigned group_off = 0) {
    key.clear();
    append_state_prefix(key, id, static_cast<std::uint16_t>((weir::key_group(bytes) + group_off) % 128), {});
    key += bytes;
  };
  std::uint32_t list = 0, timers = 0;
  {
    weir::inspection const in(dir / "state");
    list = id_of(in, "all", "list");
    timers = id_of(in, "all", "");
  }
  using namespace std::string_literals;
  SECTION("a value that is none") {
    begin(list, "x\0\1"s);
    text = "\x02";
    expected =
        "all/list\", key group " + std::to_string(weir::key_group("x\0\1"s)) + ", cannot be read as what it is";
  }
  SECTION("another group") {
    begin(list, "x\0\1"s, 1);
    text = "\0"s;
    expected = "is in another key group than its key";
  }
  SECTION("a key that is none") {
    begin(list, "x");
    text = "\0"s;
    expected = "cannot be read as what it is";
  }
  SECTION("a state that nobody knows") {
    begin(99, "x\0\1"s);
    expected = "belongs to no state that is known";
  }
  SECTION("a timer of a state") {
    append_timer_prefix(key, list, 0, weir::from_ticks(1));
    where = database::timers;
    expected = "belongs to a state of kind list";
  }
  SECTION("a timer with a value") {
    append_timer_prefix(key, timers, weir::key_group("x\0\1"s), weir::from_ticks(1));
    key += "x\0\1"s;
    text = "?";
    where = database::timers;
    expected = "has a value";
  }
  {
    lmdb_environment environment(dir / "state", std::size_t{1} << 30);
    write_transaction txn(environment);
    {
      lmdb_cursor cursor(environment, txn.handle(), where);
      std::string value;
      append_value(value, key, text);
      cursor.put(key, value);
    }
    txn.commit();
  }
  auto const result = weir::fsck(dir / "state");
  REQUIRE(result.damage.size() == 2);
  CHECK_THAT(result.damage[0], Catch::Contains(expected));
  CHECK_THAT(result.damage[1], Catch::Contains("when it was written, and"));
}
