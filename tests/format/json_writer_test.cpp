#include <weir/core/change.hpp>
#include <weir/format/json.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/op/top_n.hpp>

#include "catch.hpp"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace json_writer_test {
struct inner {
  int a;
  std::optional<std::string> b;
};
struct outer {
  std::string name;
  inner in;
  std::vector<inner> list;
  weir::timestamp at;
  weir::decimal<2> amount;
};
struct nothing {};
}  // namespace json_writer_test
BOOST_HANA_ADAPT_STRUCT(json_writer_test::inner, a, b);
BOOST_HANA_ADAPT_STRUCT(json_writer_test::outer, name, in, list, at, amount);
BOOST_HANA_ADAPT_STRUCT(json_writer_test::nothing);

using namespace weir::literals;

namespace {
template <class T>
std::string json(T const& value, weir::time_form form = {}) {
  weir::text_buffer out;
  weir::write_json(out, value, form);
  return std::string(out.view());
}
}  // namespace

TEST_CASE("write_json: scalars") {
  CHECK(json(1) == "1");
  CHECK(json(true) == "true");
  CHECK(json('x') == "\"x\"");
  CHECK(json(0.1) == "0.1");
  CHECK(json(std::numeric_limits<double>::infinity()) == "null");
  CHECK(json(std::numeric_limits<float>::quiet_NaN()) == "null");
  CHECK(json(weir::decimal<2>("12.5")) == "12.50");
  CHECK(json(weir::from_ticks(0)) == "\"1970-01-01T00:00:00Z\"");
  CHECK(json(weir::from_ticks(1500), weir::epoch_unit::milliseconds) == "1.5");
  CHECK(json(std::chrono::minutes(3)) == "3");
  CHECK(json(std::optional<int>()) == "null");
  CHECK(json(std::optional<int>(4)) == "4");
  CHECK(json("literal") == "\"literal\"");
}

TEST_CASE("write_json: strings are escaped, and always valid UTF-8") {
  CHECK(json(std::string("a\"b\\c\n\r\t")) == R"("a\"b\\c\n\r\t")");
  CHECK(json(std::string("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
  CHECK(json(std::string("h\xc3\xa9llo \xf0\x9f\x98\x80")) == "\"h\xc3\xa9llo \xf0\x9f\x98\x80\"");
  CHECK(json(std::string("\xff|\xc3|\xed\xa0\x80|\xf0\x9f")) ==
        "\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\"");
  for (std::size_t n = 0; n < 70; ++n)
    for (std::size_t at = 0; at < n; at += 3) {
      std::string text(n, 'x');
      text[at] = '"';
      CHECK(json(text) == '"' + std::string(at, 'x') + "\\\"" + std::string(n - at - 1, 'x') + '"');
    }
}

TEST_CASE("write_json: objects and arrays") {
  json_writer_test::outer const value{"n", {1, "b"}, {{2, std::nullopt}, {3, ""}}, weir::from_ticks(1), "0.1"};
  CHECK(json(value) == R"({"name":"n","in":{"a":1,"b":"b"},"list":[{"a":2,"b":null},{"a":3,"b":""}],)"
                       R"("at":"1970-01-01T00:00:00.000001Z","amount":0.10})");
  CHECK(json(json_writer_test::nothing{}) == "{}");
  CHECK(json(weir::make_row("key"_c = 1, "odd \"name\"\n"_c = 2)) == R"({"key":1,"odd \"name\"\u000a":2})");
  CHECK(json(std::vector<int>{}) == "[]");
  CHECK(json(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(json(std::set<std::string>{"b", "a"}) == R"(["a","b"])");
  CHECK(json(std::map<std::string, int>{{"x", 1}, {"y", 2}}) == R"({"x":1,"y":2})");
  CHECK(json(std::map<int, int>{{1, 2}}) == R"({"1":2})");
  CHECK(json(std::unordered_map<std::string, int>{}) == "{}");
  CHECK(json(std::pair<int, std::string>(1, "a")) == R"([1,"a"])");
}

TEST_CASE("json: changes, and what is ranked, there and back") {
  using changed = weir::change<weir::ranked<json_writer_test::inner>>;
  changed const c{weir::change_kind::erase, {2, {5, "b"}}};
  std::string const text = R"({"kind":"delete","value":{"rank":2,"value":{"a":5,"b":"b"}}})";
  CHECK(json(c) == text);
  changed back;
  char const* at = text.data();
  weir::json_parser<changed> parser{weir::json_options{}};
  REQUIRE(parser.next(at, text.data() + text.size(), true, back) == weir::parse_status::record);
  CHECK(json(back) == text);
  CHECK(json(weir::change<int>{weir::change_kind::update_before, 7}) ==
        R"({"kind":"update_before","value":7})");
}

TEST_CASE("json_writer: one value a line") {
  weir::text_buffer out;
  weir::json_writer<json_writer_test::inner> const writer;
  writer.row(out, {1, "x"});
  writer.row(out, {2, {}});
  CHECK(out.view() == "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":null}\n");
}
