#include <weir/state/lmdb_store.hpp>
#include <weir/state/state_store.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "catch.hpp"
#include "error_of.hpp"
#include "state/temp_directory.hpp"

namespace {

static_assert(weir::state_store<weir::lmdb_store>);
static_assert(weir::lmdb_store::durable);

using weir_test::error_of;
using weir_test::temp_directory;
using counts = weir::lmdb_backend::table<std::string, std::int64_t, weir::value_format<std::int64_t>>;
weir::value_format<std::int64_t> const format("count");

weir::lmdb_store store_in(temp_directory const& dir) { return {.directory = dir.path() / "state"}; }

void checkpoint(weir::lmdb_backend& backend, auto&... tables) {
  weir::detail::flush_plan plan;
  backend.freeze(plan);
  (tables.freeze(plan), ...);
  backend.commit(plan);
  backend.renew();
  weir::detail::garbage old;
  (tables.flushed(old), ...);
}

std::int64_t zero() { return 0; }

std::map<std::string, std::int64_t> content(counts& table) {
  std::map<std::string, std::int64_t> all;
  table.for_each(
      [&](std::string const& key, std::int64_t const& value) { CHECK(all.emplace(key, value).second); });
  return all;
}

// A value with a map beside it and timers: what a process operator keeps.
struct kept {
  std::int64_t number = 0;
  std::map<std::string, std::int64_t> map;
  std::vector<weir::timestamp> timers;
  std::vector<weir::timestamp> stored_timers;
};
struct kept_format {
  static constexpr std::size_t parts = 2;
  static constexpr bool timers = true;
  std::array<weir::state_declaration, 2> declare() const {
    return {{{"number", weir::state_kind::value, "tuple<int64,list<timestamp>>"},
             {"map", weir::state_kind::mapping, "map<string,int64>"}}};
  }
  template <class Out>
  void save(kept const& v, bool alive, Out& out) const {
    out.replace_map(1);
    for (auto t : v.stored_timers) out.erase_timer(t);
    if (!alive) return out.erase(0);
    auto& bytes = out.scratch();
    weir::encode(v.number, bytes);
    weir::encode(v.timers, bytes);
    out.put(0, bytes);
    for (auto const& [key, number] : v.map) {
      auto& b = out.scratch();
      weir::encode(number, b);
      out.put_map(1, key, b);
    }
    for (auto t : v.timers) out.put_timer(t);
  }
  template <class In>
  bool load(kept& v, In& in) const {
    auto const bytes = in.get(0);
    if (!bytes) return false;
    weir::byte_reader value(*bytes);
    weir::codec<std::int64_t>::decode(value, v.number);
    weir::codec<std::vector<weir::timestamp>>::decode(value, v.timers);
    v.stored_timers = v.timers;
    in.scan(1, [&](std::string_view key, std::string_view b) { weir::decode(b, v.map[std::string(key)]); });
    return true;
  }
  void rebase(kept& v) const { v.stored_timers = v.timers; }
  void revive(kept const& erased, kept& fresh) const { fresh.stored_timers = erased.stored_timers; }
};

TEST_CASE("lmdb_store: what was committed is there in the next run, what was not is gone",
          "[state][lmdb_store]") {
  temp_directory const dir;
  {
    weir::lmdb_backend backend(store_in(dir));
    counts table(backend, "op", format);
    table.touch(std::string_view("a"), zero) = 1;
    table.touch("b", zero) = 2;
    checkpoint(backend, table);
    table.touch("a", zero) = 100;
    table.touch("c", zero) = 100;
  }
  weir::lmdb_backend backend(store_in(dir));
  counts table(backend, "op", format);
  CHECK(content(table) == std::map<std::string, std::int64_t>{{"a", 1}, {"b", 2}});
  CHECK(table.touch_or_make("a", zero) == std::pair<std::int64_t&, bool>(*table.find("a"), false));
  CHECK(table.find("c") == nullptr);
  CHECK(table.touch_or_make("c", zero).second);
  table.erase("b");
  checkpoint(backend, table);
  CHECK(content(table) == std::map<std::string, std::int64_t>{{"a", 1}, {"c", 0}});
}

TEST_CASE("lmdb_store: states are told apart by uid and name, and a changed one is refused",
          "[state][lmdb_store]") {
  temp_directory const dir;
  {
    weir::lmdb_backend backend(store_in(dir));
    counts one(backend, "one", format), two(backend, "two", format);
    one.touch("a", zero) = 1;
    two.touch("a", zero) = 2;
    checkpoint(backend, one, two);
  }
  weir::lmdb_backend backend(store_in(dir));
  REQUIRE(backend.declarations().size() == 2);
  CHECK(backend.declarations()[1] ==
        weir::state_entry{1, "two", "count", weir::state_kind::value, "int64", "string"});
  CHECK_FALSE(backend.declared(1));
  counts two(backend, "two", format);
  CHECK(backend.declared(1));
  CHECK_FALSE(backend.declared(0));
  CHECK(*two.find("a") == 2);
  using other = weir::lmdb_backend::table<std::string, double, weir::value_format<double>>;
  CHECK(error_of([&] { other changed(backend, "one", weir::value_format<double>("count")); })
            .find("the state \"one/count\" in " + (dir.path() / "state").string() +
                  " was saved as value of int64 keyed by string and the program declares it as value of "
                  "float64 keyed "
                  "by string") != std::string::npos);
}

TEST_CASE("lmdb_store: the number of key groups does not change", "[state][lmdb_store]") {
  temp_directory const dir;
  auto store = store_in(dir);
  {
    weir::lmdb_backend backend(store);
    checkpoint(backend);
  }
  store.key_groups = 64;
  CHECK_THROWS_AS(weir::lmdb_backend(store), weir::restore_error);
  CHECK(error_of([&] {
          weir::lmdb_backend backend(store);
        }).find("128 key groups and the program asks for 64") != std::string::npos);
  store.key_groups = 0;
  CHECK_THROWS_AS(weir::lmdb_backend(store), weir::config_error);
}

TEST_CASE("lmdb_store: a pane born and dead between two commits leaves nothing", "[state][lmdb_store]") {
  temp_directory const dir;
  weir::lmdb_backend backend(store_in(dir));
  counts pane(backend, "op", format);
  auto const at = [](int s) { return weir::timestamp(std::chrono::seconds(s)); };
  pane.bind(at(10));
  pane.touch("a", zero) = 1;
  pane.drop();
  pane.bind(at(20));
  pane.touch("b", zero) = 2;
  checkpoint(backend, pane);
  CHECK(backend.panes(0) == std::vector{at(20)});
  int entries = 0;
  backend.scan(std::string(4, '\0'), [&](std::string_view, std::string_view) { ++entries; });
  CHECK(entries == 1);
  pane.drop();
  CHECK(backend.panes(0).empty());
  pane.bind(at(20));  // again, before the deletion is committed
  CHECK(pane.empty());
  pane.touch("c", zero) = 3;
  checkpoint(backend, pane);
  checkpoint(backend, pane);
  CHECK(content(pane) == std::map<std::string, std::int64_t>{{"c", 3}});
  CHECK(backend.panes(0) == std::vector{at(20)});
}

TEST_CASE("lmdb_store: the panes in the store are known when it is opened again", "[state][lmdb_store]") {
  temp_directory const dir;
  std::vector<weir::timestamp> const ends{weir::from_ticks(-7), weir::from_ticks(0), weir::from_ticks(1 << 20),
                                          weir::max_time};
  {
    weir::lmdb_backend backend(store_in(dir));
    for (auto end : ends) {
      counts pane(backend, "op", format);
      pane.bind(end);
      for (int i = 0; i < 30; ++i) pane.touch(std::to_string(i), zero) = weir::ticks(end) / 2 + i;
      checkpoint(backend, pane);
    }
  }
  weir::lmdb_backend backend(store_in(dir));
  CHECK(backend.panes(0) == ends);
  counts pane(backend, "op", format);
  pane.bind(ends[0]);
  CHECK(content(pane).size() == 30);
  CHECK(*pane.find("29") == -3 + 29);
  pane.drop();
  pane.bind(weir::from_ticks(5));
  CHECK(pane.empty());
  checkpoint(backend, pane);
  CHECK(backend.panes(0) == std::vector(ends.begin() + 1, ends.end()));
}

TEST_CASE("lmdb_store: maps and timers lie beside the value and go away with it", "[state][lmdb_store]") {
  temp_directory const dir;
  using table_type = weir::lmdb_backend::table<std::string, kept, kept_format>;
  auto const t = [](int n) { return weir::from_ticks(n); };
  auto const fresh = [] { return kept{}; };
  auto const timers = [&](weir::lmdb_backend& backend, table_type& table, int first = -1000, int last = 1000) {
    std::multimap<std::int64_t, std::string> all;
    backend.for_each_timer(table.timer_id(), t(first), t(last), [&](weir::timestamp at, std::string_view key) {
      all.emplace(weir::ticks(at), weir::decode_key<std::string>(key));
    });
    return all;
  };
  using all = std::multimap<std::int64_t, std::string>;
  std::string const long_key(700, 'k');
  {
    weir::lmdb_backend backend(store_in(dir));
    table_type table(backend, "op", kept_format{});
    table.touch("a", fresh) = {1, {{"x", 1}, {"y", 2}}, {t(5), t(9)}, {}};
    table.touch("b", fresh) = {2, {}, {t(-5)}, {}};
    table.touch(long_key, fresh) = {3, {{"x", 1}, {std::string(600, 'm'), 2}}, {t(7)}, {}};
    checkpoint(backend, table);
    CHECK(timers(backend, table) == all{{-5, "b"}, {5, "a"}, {7, long_key}, {9, "a"}});
    CHECK(timers(backend, table, 5, 7) == all{{5, "a"}, {7, long_key}});
  }
  {
    weir::lmdb_backend backend(store_in(dir));
    table_type table(backend, "op", kept_format{});
    REQUIRE(table.find(long_key) != nullptr);
    CHECK(table.find(long_key)->map ==
          std::map<std::string, std::int64_t>{{"x", 1}, {std::string(600, 'm'), 2}});
    std::size_t entries = 0;
    table.for_each([&](std::string const&, kept const&) { ++entries; });
    CHECK(entries == 3);
    auto const firsts = backend.first_timers(table.timer_id());
    REQUIRE(firsts.size() == 3);
    CHECK(std::ranges::min(firsts, {}, [](auto const& f) { return f.second; }).second == t(-5));

    kept& a = *table.find("a");
    a.timers = {t(6)};
    a.map.erase("x");
    table.erase("b");
    table.touch("b", fresh).timers = {t(11)};  // revived: still knows of the stored timer
    table.erase(long_key);
    checkpoint(backend, table);
    CHECK(timers(backend, table) == all{{6, "a"}, {11, "b"}});
    // copied up from the clean layer: rebase says that its timers are stored
    table.touch("a", fresh).timers.clear();
    checkpoint(backend, table);
    CHECK(timers(backend, table) == all{{11, "b"}});
    table.clear();
    CHECK(table.empty());
    checkpoint(backend, table);
    CHECK(timers(backend, table).empty());
  }
  weir::lmdb_backend backend(store_in(dir));
  table_type table(backend, "op", kept_format{});
  CHECK(table.empty());
}

TEST_CASE("lmdb_store: a damaged value is refused with its place, never given", "[state][lmdb_store]") {
  temp_directory const dir;
  std::string const key = "the key that is looked for";
  {
    weir::lmdb_backend backend(store_in(dir));
    counts table(backend, "op", format);
    table.touch(key, zero) = 0x1122334455667788;
    checkpoint(backend, table);
  }
  auto const file = dir.path() / "state" / "data.mdb";
  std::stringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  std::string const whole = bytes.str();
  auto const at = whole.find("\x88\x77\x66\x55\x44\x33\x22\x11");
  REQUIRE(at != std::string::npos);
  for (std::size_t i = 0; i < 8; ++i) {
    std::string flipped = whole;
    flipped[at + i] = static_cast<char>(flipped[at + i] ^ 0x10);
    std::ofstream(file, std::ios::binary) << flipped;
    weir::lmdb_backend backend(store_in(dir));
    counts table(backend, "op", format);
    std::string const text = error_of([&] { table.find(key); });
    CHECK(text.find("an entry of state of \"op/count\", key group ") != std::string::npos);
    CHECK(text.find("fails its checksum") != std::string::npos);
    CHECK(text.find((dir.path() / "state").string()) != std::string::npos);
    CHECK_THROWS_AS(content(table), weir::store_error);
  }
}

TEST_CASE("lmdb_store: a plan that did not fit may be committed again", "[state][lmdb_store]") {
  temp_directory const dir;
  auto store = store_in(dir);
  store.map_size = 256 * 1024;
  {
    weir::lmdb_backend backend(store);
    counts table(backend, "op", format);
    for (int i = 0; i < 20'000; ++i) table.touch(std::to_string(i), zero) = i;
    weir::detail::flush_plan plan;
    backend.freeze(plan);
    table.freeze(plan);
    CHECK_THROWS_AS(backend.commit(plan), weir::store_error);
    CHECK_THROWS_AS(backend.commit(plan), weir::store_error);
    CHECK(*table.find("19999") == 19'999);
    weir::detail::flush_plan next;
    CHECK_THROWS_AS(table.freeze(next), weir::error);
  }
  weir::lmdb_backend backend(store_in(dir));
  counts table(backend, "op", format);
  CHECK(table.empty());
}

}  // namespace
