#include <weir/core/row.hpp>

#include "catch.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace row_test {
struct summary {
  std::string key;
  double total = -1;
};
struct stranger {
  int missing;
};
struct whole {
  int total;
};
struct holder {
  weir::row<weir::column<"key", int>, weir::column<"total", double>> held;
};
}  // namespace row_test
BOOST_HANA_ADAPT_STRUCT(row_test::summary, key, total);
BOOST_HANA_ADAPT_STRUCT(row_test::stranger, missing);
BOOST_HANA_ADAPT_STRUCT(row_test::whole, total);

using namespace weir::literals;
using numbers = weir::row<weir::column<"key", int>, weir::column<"total", double>>;
using texts = weir::row<weir::column<"total", std::uint64_t>, weir::column<"key", std::string_view>>;

static_assert(std::is_trivially_copyable_v<numbers> && sizeof(numbers) == 16);
static_assert(!std::is_trivially_copyable_v<weir::row<weir::column<"s", std::string>>>);
static_assert(weir::has_schema<numbers> && weir::field_count<numbers> == 2);
static_assert(weir::field_name<numbers, 1>() == "total");
static_assert(std::same_as<weir::field_type<numbers, 1>, double>);
static_assert(std::is_convertible_v<texts, row_test::summary>);
static_assert(!std::is_convertible_v<texts, row_test::stranger>);
static_assert(!std::is_convertible_v<numbers, row_test::whole>);  // a fraction would be lost
static_assert(!std::is_convertible_v<numbers, row_test::summary>);
static_assert(!std::is_constructible_v<numbers, int>);
static_assert([] {
  row_test::holder const braces{numbers(1, 2.5)};  // a struct that holds a row is no struct to be filled
  row_test::holder const parentheses(numbers(1, 2.5));
  return braces.held == parentheses.held;
}());
static_assert(numbers(1, 2.5)["total"_c] == 2.5);
static_assert(numbers() == numbers(0, 0.0) && numbers(1, 2.0) != numbers(1, 3.0));
static_assert(
    std::same_as<weir::append_columns<weir::row<weir::column<"key", int>>, weir::column<"total", double>>,
                 numbers>);

TEST_CASE("row: values are read and written by name") {
  auto r = weir::make_row("key"_c = std::string("ann"), weir::column_value<"total">(3));
  CHECK(r["key"_c] == "ann");
  r["total"_c] += 2;
  CHECK(r["total"_c] == 5);
  CHECK("total"_c(r) == 5);
  auto const copy = r;
  CHECK(copy == r);
  r["key"_c] = "bob";
  CHECK(copy != r);
}

TEST_CASE("row: converts by name to a struct, in any order and with columns to spare") {
  texts const r{12u, std::string_view("carol")};
  row_test::summary const s = r;
  CHECK(s.key == "carol");
  CHECK(s.total == 12.0);
  auto const more = weir::append(r, "share"_c = 0.5);
  CHECK(more["share"_c] == 0.5);
  CHECK(row_test::summary(more).key == "carol");
}

TEST_CASE("row: a name is a function object on structs too") {
  row_test::summary const s{"dan", 4};
  CHECK(&"total"_c(s) == &s.total);
}

TEST_CASE("row: moves its values") {
  auto r = weir::make_row("p"_c = std::make_unique<int>(5));
  auto moved = std::move(r);
  CHECK(*moved["p"_c] == 5);
  auto longer = weir::append(std::move(moved), "q"_c = 1);
  CHECK(*longer["p"_c] == 5);
}

TEST_CASE("row: a row of rows and of one column") {
  auto inner = weir::make_row("a"_c = 1);
  auto outer = weir::make_row("inner"_c = inner);
  CHECK(outer["inner"_c]["a"_c] == 1);
  auto copy = outer;
  CHECK(copy == outer);
}
