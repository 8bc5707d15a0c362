#include <weir/state/flush.hpp>
#include <weir/state/layout.hpp>

#include <map>

#include "catch.hpp"
#include "state/hex.hpp"
#include "state/temp_directory.hpp"

namespace {

using namespace weir::detail;
using weir_test::hex;

std::map<std::string, std::string> items(std::string_view key, std::string_view value) {
  std::map<std::string, std::string> found;
  each_item(
      key, value,
      [&](std::string_view k, std::string_view payload) { return found.emplace(k, payload).second; },
      [&] { found["damaged"]; });
  return found;
}

TEST_CASE("layout: golden bytes of keys and values", "[state][layout]") {
  std::string key;
  append_state_prefix(key, 1, 0x0203, {});
  CHECK(hex(key) ==
        "00000001"
        "0203"
        "00");
  key.clear();
  append_state_prefix(key, 1, 0x0203, {true, weir::from_ticks(5)});
  CHECK(hex(key) ==
        "00000001"
        "0203"
        "01"
        "8000000000000005");
  CHECK(key.size() == state_prefix_size({true, {}}));
  key.clear();
  append_timer_prefix(key, 7, 2, weir::from_ticks(-1));
  CHECK(hex(key) ==
        "00000007"
        "0002"
        "7fffffffffffffff");
  CHECK(key.size() == timer_prefix_size);
  CHECK(load_time(key.data() + 6) == weir::from_ticks(-1));
  std::string value;
  append_value(value, "key", "payload");
  CHECK(hex(value) == hex(value.substr(0, 8)) + hex("payload"));
  CHECK(load_little<std::uint64_t>(value.data()) == weir::xxh64("payload", weir::xxh64("key")));
  CHECK(hex(value.substr(0, 8)) == "984db6172a94171a");
}

TEST_CASE("layout: keys of more than 510 bytes are cut, and the whole key stands with the value",
          "[state][layout]") {
  std::string room;
  std::string const fits(510, 'k'), cut(511, 'k'), longer = cut + "x";
  CHECK(stored_key(fits, room) == fits);
  CHECK(stored_key(cut, room).size() == 511);
  CHECK(stored_key(cut, room).substr(0, 495) == cut.substr(0, 495));
  std::string const place(stored_key(cut, room));
  CHECK(hex(place.substr(495)) == "5bb2cc6a8c9c6bf79914ced1f04046d3");
  CHECK(stored_key(longer, room) != place);
  std::string value;
  append_value(value, cut, "v");
  CHECK(items(place, value) == std::map<std::string, std::string>{{cut, "v"}});
}

TEST_CASE("layout: two whole keys with one stored key do not mix", "[state][layout]") {
  // As if the digests of both were equal.
  std::string const a(600, 'a'), b = std::string(600, 'a') + "b";
  std::string room;
  std::string const place(stored_key(a, room));
  std::string bucket;
  append_bucket_item(bucket, a, "1");
  append_bucket_item(bucket, b, "2");
  CHECK(items(place, bucket) == std::map<std::string, std::string>{{a, "1"}, {b, "2"}});
  auto const no = [] { FAIL("damaged"); };
  std::string const rest = bucket_without(
      place, bucket, [&](std::string_view k) { return k == a; }, no);
  CHECK(items(place, rest) == std::map<std::string, std::string>{{b, "2"}});
  CHECK(bucket_without(
            place, rest, [&](std::string_view k) { return k == b; }, no)
            .empty());
}

TEST_CASE("layout: any flipped bit and any cut of a value is noticed", "[state][layout]") {
  for (std::string const& key : {std::string("key"), std::string(600, 'k')}) {
    std::string room, value;
    std::string const place(stored_key(key, room));
    append_value(value, key, "payload");
    auto const noticed = [&](std::string const& bytes) { return items(place, bytes).contains("damaged"); };
    CHECK_FALSE(noticed(value));
    bool all = true;
    for (std::size_t i = 0; i < value.size() * 8; ++i) {
      std::string flipped = value;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ 1 << i % 8);
      all &= noticed(flipped);
    }
    CHECK(all);
    for (std::size_t n = 0; n < value.size(); ++n) all &= noticed(value.substr(0, n));
    CHECK(all);
  }
}

TEST_CASE("flush_writer: sorted puts, erases and prefixes, the last call for a key counts", "[state][flush]") {
  weir_test::temp_directory const dir;
  lmdb_environment environment(dir.path(), std::size_t{1} << 30);
  auto const content = [&] {
    std::map<std::string, std::string> all;
    read_transaction txn(environment);
    lmdb_cursor cursor(environment, txn.handle(), database::state);
    for (bool there = cursor.first(); there; there = cursor.next())
      all.merge(items(cursor.key(), cursor.value()));
    return all;
  };
  std::string const long_a = "p" + std::string(600, 'a'), long_b = "p" + std::string(600, 'a') + "b";
  {
    flush_writer writer;
    for (auto const& k : {"pb", "pa", "q", "r", "s"}) writer.put(database::state, k, "1");
    writer.put(database::state, long_a, "A");
    writer.put(database::state, long_b, "B");
    writer.erase(database::state, "r");
    writer.put(database::state, "q", "2");
    writer.erase(database::state, "nothing");
    writer.apply(environment);
  }
  CHECK(content() == std::map<std::string, std::string>{
                         {"pa", "1"}, {"pb", "1"}, {"q", "2"}, {"s", "1"}, {long_a, "A"}, {long_b, "B"}});
  {
    flush_writer writer;
    writer.erase_prefix(database::state,
                        long_b.substr(0, 601));  // a prefix longer than what stored keys have of it
    writer.put(database::state, long_b, "again");
    writer.erase(database::state, "s");
    writer.apply(environment);
  }
  CHECK(content() ==
        std::map<std::string, std::string>{{"pa", "1"}, {"pb", "1"}, {"q", "2"}, {long_b, "again"}});
  {
    flush_writer writer;
    writer.erase_prefix(database::state, "p");
    writer.put(database::state, "pb", "new");
    writer.apply(environment);
  }
  CHECK(content() == std::map<std::string, std::string>{{"pb", "new"}, {"q", "2"}});
}

}  // namespace
