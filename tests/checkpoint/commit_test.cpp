#include <weir/checkpoint/commit.hpp>
#include <weir/state/lmdb_store.hpp>

#include "catch.hpp"
#include "state/hex.hpp"
#include "state/temp_directory.hpp"

namespace {

using weir_test::hex;

weir::commit example() {
  weir::commit c;
  c.epoch = 7;
  c.exactly_once = true;
  c.operators = {{"spend", "window", "ab"}};
  c.sources = {{"payments", "p"}};
  c.sinks = {{"alerts", "s"}};
  c.totals = {{"in", 258}};
  return c;
}

TEST_CASE("commit: golden bytes", "[checkpoint][commit]") {
  std::string bytes;
  weir::encode(example(), bytes);
  CHECK(hex(bytes) ==
        "02000000"
        "0700000000000000"
        "00"
        "01"
        "01"
        "057370656e64"
        "0677696e646f77"
        "026162"
        "01"
        "087061796d656e7473"
        "0170"
        "01"
        "06616c65727473"
        "0173"
        "01"
        "02696e"
        "0201000000000000");
  weir::commit back;
  weir::decode(bytes, back);
  CHECK(back == example());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    weir::commit cut;
    CHECK_THROWS_AS(weir::decode(std::string_view(bytes).substr(0, n), cut), weir::format_error);
  }
  bytes[0] = 9;
  CHECK_THROWS_AS(weir::decode(bytes, back), weir::restore_error);
}

TEST_CASE("commit: written with the states and read when the directory is opened again",
          "[checkpoint][commit]") {
  weir_test::temp_directory const dir;
  weir::lmdb_store const store{dir.path()};
  {
    weir::lmdb_backend backend(store);
    CHECK_FALSE(weir::read_commit(backend));
    backend.declare("spend", {"window", weir::state_kind::value, "int64"}, "string");
    weir::detail::flush_plan plan;
    backend.freeze(plan);
    weir::write_commit(plan, example());
    backend.commit(plan);
    CHECK_FALSE(weir::read_commit(backend));
    backend.renew();
    CHECK(weir::read_commit(backend));
  }
  weir::lmdb_backend backend(store);
  auto const c = weir::read_commit(backend);
  REQUIRE(c);
  weir::commit expected = example();
  expected.key_groups = 128;
  expected.states = {{0, "spend", "window", weir::state_kind::value, "int64", "string"}};
  CHECK(*c == expected);
}

}  // namespace
