// The record of counts and sums is that of the entries, whatever has been written, replaced and erased.
#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <weir/state/flush.hpp>

#include <cstdint>
#include <random>
#include <string>

using namespace weir::detail;
using weir_test::temp_directory;

namespace {

struct sums_in_store {
  entry_sums recorded, counted;
};
sums_in_store sums_of(lmdb_environment& environment) {
  sums_in_store sums;
  read_transaction txn(environment);
  for (database const d : {database::state, database::timers, database::meta}) {
    lmdb_cursor cursor(environment, txn.handle(), d);
    for (bool there = cursor.first(); there; there = cursor.next()) {
      sums.counted.add(d, cursor.key(), cursor.value());
      if (d == database::meta && cursor.key() == sums_name)
        sums.recorded = entry_sums::from_bytes(cursor.value().substr(checksum_size));
    }
  }
  return sums;
}

}  // namespace

TEST_CASE("entry_sums: equal to what is there after any changes", "[state][entry_sums]") {
  auto const seed = GENERATE(take(20, random(0u, ~0u)));
  CAPTURE(seed);
  std::mt19937 random(seed);
  auto const below = [&](unsigned n) { return random() % n; };
  temp_directory const d;
  lmdb_environment environment(d.path(), std::size_t{1} << 30);
  auto const key = [&] {
    std::string k;
    append_big(k, static_cast<std::uint32_t>(below(3)));
    append_big(k, static_cast<std::uint16_t>(below(2)));
    return k.append(below(4) == 0 ? 700 : 3, 'k').append(std::to_string(below(8)));
  };
  for (int step = 0; step < 15; ++step) {
    flush_writer writer;
    for (int i = 0; i < 10; ++i) {
      auto const where = below(3) == 0 ? database::timers : database::state;
      if (below(3) == 0)
        writer.erase(where, key());
      else
        writer.put(where, key(), std::string(below(50), 'v'));
    }
    if (below(4) == 0) writer.erase_prefix(database::state, key().substr(0, 4 + below(10)));
    writer.put(database::meta, "layout", "any");
    writer.apply(environment);
    auto const sums = sums_of(environment);
    REQUIRE(sums.recorded.all() == sums.counted.all());
  }
  CHECK_FALSE(sums_of(environment).counted.all().empty());
}

TEST_CASE("entry_sums: a store that was made without the record stays without it", "[state][entry_sums]") {
  temp_directory const d;
  lmdb_environment environment(d.path(), std::size_t{1} << 30);
  {
    write_transaction txn(environment);
    {
      lmdb_cursor meta(environment, txn.handle(), database::meta);
      meta.put("layout", "of an older weir");
    }
    txn.commit();
  }
  flush_writer writer;
  writer.put(database::state, "12345678", "v");
  writer.apply(environment);
  CHECK(sums_of(environment).recorded.all().empty());
  CHECK_FALSE(sums_of(environment).counted.all().empty());
}
