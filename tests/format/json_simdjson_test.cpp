// weir's JSON parser against simdjson: the same lines are accepted, and the same values come out.
#ifdef WEIR_WITH_SIMDJSON  // the build defines it where simdjson is installed

#include <weir/format/json.hpp>

#include "catch.hpp"

#include <simdjson.h>

#include <algorithm>
#include <random>
#include <string>

namespace json_simdjson_test {
struct three {
  std::string s;
  double d;
  std::int64_t i;
};
struct none {
  std::optional<int> never;
};
}  // namespace json_simdjson_test
BOOST_HANA_ADAPT_STRUCT(json_simdjson_test::three, s, d, i);
BOOST_HANA_ADAPT_STRUCT(json_simdjson_test::none, never);

using json_simdjson_test::none;
using json_simdjson_test::three;

namespace {

struct maker {
  std::mt19937 random;

  std::size_t below(std::size_t n) { return random() % n; }
  template <std::size_t N>
  std::string one_of(char const* const (&choices)[N]) {
    return choices[below(N)];
  }
  std::string space() { return one_of({"", "", "", " ", "\t", "\r", "  "}); }
  std::string string() {
    std::string made = "\"";
    for (std::size_t n = below(5); n > 0; --n)
      made +=
          one_of({"a", "bcd", "a longer run of plain text", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9",
                  "\\ud83d\\ude00", "\\u0000", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "{", "]", ","});
    return made + '"';
  }
  std::string number() {
    return one_of({"", "-"}) + one_of({"0", "7", "42", "1234567", "123456789012"}) +
           one_of({"", "", ".5", ".25", ".000001", ".123456789"}) + one_of({"", "", "e5", "E-7", "e+12"});
  }
  std::string value(int depth) {
    switch (below(depth > 4 ? 4 : 6)) {
      case 0:
        return string();
      case 1:
        return number();
      case 2:
        return one_of({"true", "false", "null"});
      case 3:
        return string();
      case 4:
        return object(depth + 1);
      default: {
        std::string made = "[" + space();
        for (std::size_t n = below(4); n > 0; --n)
          made += value(depth + 1) + space() + (n > 1 ? "," + space() : "");
        return made + "]";
      }
    }
  }
  std::string object(int depth) {
    std::string made = "{" + space();
    for (std::size_t n = below(4); n > 0; --n)
      made += string() + space() + ":" + space() + value(depth) + space() + (n > 1 ? "," + space() : "");
    return made + "}";
  }
  void spoil(std::string& text) {
    constexpr std::string_view bytes = "{}[],:\"\\0123456789.eE+-tfn \x01\x7f\x80\xbf\xc0\xed\xf4\xff";
    std::size_t const at = below(text.size());
    switch (below(3)) {
      case 0:
        text[at] = bytes[below(bytes.size())];
        break;
      case 1:
        text.erase(at, 1);
        break;
      default:
        text.insert(at, 1, bytes[below(bytes.size())]);
    }
  }
};

template <class T>
bool accepts(std::string text, T& value) {
  text += '\n';
  weir::json_parser<T> parser;
  char const* at = text.data();
  return parser.next(at, text.data() + text.size(), true, value) == weir::parse_status::record;
}

// More digits in a row than a 64-bit number is sure to hold.
bool has_long_number(std::string const& text) {
  int row = 0;
  return std::ranges::any_of(text, [&](char c) { return (row = c >= '0' && c <= '9' ? row + 1 : 0) > 18; });
}

}  // namespace

TEST_CASE("json: accepts the lines that simdjson accepts") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  maker make{std::mt19937(seed)};
  simdjson::dom::parser parser;
  int good = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = make.object(0);
    for (std::size_t n = make.below(3); n > 0 && !text.empty(); --n) make.spoil(text);
    CAPTURE(text);
    simdjson::dom::object object;
    auto const failure = parser.parse(text).get(object);
    // simdjson also refuses numbers that are well formed but too large for it.
    if (failure == simdjson::NUMBER_ERROR && (text.find_first_of("eE") != text.npos || has_long_number(text)))
      continue;
    none value{};
    REQUIRE(accepts(text, value) == (failure == simdjson::SUCCESS));
    good += failure == simdjson::SUCCESS;
  }
  CHECK(good > 1000);
}

TEST_CASE("json: reads the values that simdjson reads") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  maker make{std::mt19937(seed)};
  simdjson::dom::parser parser;
  for (int i = 0; i < 20'000; ++i) {
    std::string members[] = {
        "\"s\":" + make.space() + make.string(), "\"d\":" + make.space() + make.number(),
        "\"i\":" + make.space() + std::to_string(static_cast<std::int64_t>(make.random()) - (1ll << 31))};
    if (make.below(2) == 0) std::shuffle(std::begin(members), std::end(members), make.random);
    std::string const text =
        "{" + members[0] + "," + make.space() + members[1] + ",\"x\":" + make.value(3) + "," + members[2] + "}";
    CAPTURE(text);
    simdjson::dom::object object;
    REQUIRE(parser.parse(text).get(object) == simdjson::SUCCESS);
    three value{};
    REQUIRE(accepts(text, value));
    CHECK(value.s == std::string_view(object["s"]));
    CHECK(value.d == double(object["d"]));
    CHECK(value.i == std::int64_t(object["i"]));
  }
}

#endif
