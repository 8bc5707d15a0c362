#include <weir/state/memory_store.hpp>
#include <weir/state/state_store.hpp>

#include <map>
#include <string>

#include "catch.hpp"

namespace {

static_assert(weir::state_store<weir::memory_store>);
static_assert(!weir::memory_store::durable);

struct no_codec {
  int n = 0;
};

TEST_CASE("memory_store: a table touches, finds, erases and is used again", "[state][memory_store]") {
  weir::memory_backend backend{weir::memory_store{}};
  using format = weir::value_format<no_codec>;  // in memory nothing needs a codec
  weir::memory_backend::table<std::string, no_codec, format> table(backend, "uid", format("n"));
  CHECK(table.empty());
  int made = 0;
  auto const make = [&] { return ++made, no_codec{10}; };
  table.touch(std::string_view("a"), make).n += 1;
  table.touch(std::string("a"), make).n += 1;
  table.touch("b", make);
  CHECK(made == 2);
  CHECK_FALSE(table.touch_or_make(std::string_view("a"), make).second);
  CHECK(table.touch_or_make(std::string_view("c"), make).second);
  REQUIRE(table.find(std::string_view("a")) != nullptr);
  CHECK(table.find(std::string_view("a"))->n == 12);
  CHECK(table.find("nobody") == nullptr);
  table.erase(std::string_view("c"));
  table.erase("nobody");
  std::map<std::string, int> all;
  table.for_each([&](std::string const& key, no_codec const& value) { all[key] = value.n; });
  CHECK(all == std::map<std::string, int>{{"a", 12}, {"b", 10}});
  table.drop();
  table.bind(weir::from_ticks(1));
  CHECK(table.empty());
}

TEST_CASE("memory_store: numbers are found by numbers of another type", "[state][memory_store]") {
  weir::memory_backend backend{weir::memory_store{}};
  using format = weir::value_format<int>;
  weir::memory_backend::table<double, int, format> table(backend, "uid", format("n"));
  table.touch(5, [] { return 1; });
  CHECK(table.find(5.0) != nullptr);
  CHECK(table.find(5) != nullptr);
  CHECK(table.find(5.0f) != nullptr);
}

}  // namespace
