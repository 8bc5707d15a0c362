#include <weir/core/schema.hpp>

#include "catch.hpp"

#include <string>

namespace schema_test {
struct point {
  int x;
  double y;
  std::string label;
  int doubled() const { return 2 * x; }
};
struct plain {
  int x;
};
struct lone {
  int only;
};
}  // namespace schema_test
BOOST_HANA_ADAPT_STRUCT(schema_test::point, x, y, label);
BOOST_HANA_ADAPT_STRUCT(schema_test::lone, only);

using schema_test::point;
static_assert(weir::has_schema<point> && weir::has_schema<point const&> && weir::has_schema<schema_test::lone>);
static_assert(!weir::has_schema<schema_test::plain> && !weir::has_schema<int> &&
              !weir::has_schema<std::string>);
static_assert(weir::field_count<point> == 3);
static_assert(weir::field_name<point, 0>() == "x" && weir::field_name<point, 2>() == "label");
static_assert(std::same_as<weir::field_type<point, 1>, double>);
static_assert(std::same_as<weir::field_type<point, 2>, std::string>);
static_assert(weir::field_index<point>("y") == 1 && weir::field_index<point>("z") == 3);
static_assert(weir::schema_name<point>() == "schema_test::point");
static_assert(std::same_as<decltype(weir::get_field<2>(std::declval<point>())), std::string&&>);
static_assert(std::same_as<decltype(weir::get_field<2>(std::declval<point const&>())), std::string const&>);

TEST_CASE("schema: fields are read and written by index") {
  point p{1, 2.5, "here"};
  weir::get_field<0>(p) = 7;
  CHECK(p.x == 7);
  std::string names;
  weir::for_each_field(p, [&](std::string_view name, auto& value) {
    names += name;
    names += ' ';
    value = {};
  });
  CHECK(names == "x y label ");
  CHECK((p.x == 0 && p.y == 0 && p.label.empty()));
  std::size_t sum = 0;
  weir::for_each_index<point>([&](auto i) { sum += i(); });
  CHECK(sum == 3);
}

TEST_CASE("schema: a member as a function object") {
  point const p{3, 1.5, "there"};
  CHECK(weir::field<&point::x>(p) == 3);
  CHECK(&weir::field<&point::label>(p) == &p.label);
  CHECK(weir::field<&point::doubled>(p) == 6);
  static_assert(std::is_empty_v<decltype(weir::field<&point::x>)>);
}
