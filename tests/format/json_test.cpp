#include <weir/format/json.hpp>

#include "catch.hpp"

#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace json_test {
enum class status : char { approved, declined };
struct inner {
  int a;
  std::optional<std::string> b;
  bool operator==(inner const&) const = default;
};
struct outer {
  std::string name;
  double x;
  std::int64_t i;
  inner in;
  std::vector<inner> list;
  weir::timestamp at;
  weir::decimal<2> amount;
  status st;
  bool flag;
  std::map<std::string, int> counts;
  std::set<std::string> tags;
  std::optional<int> maybe;
  bool operator==(outer const&) const = default;
};
struct views {
  std::string_view s;
};
struct small {
  int n;
  std::string s;
  bool operator==(small const&) const = default;
};
struct lists {
  std::vector<std::vector<int>> v;
};
struct nothing {};
struct flags {
  std::vector<bool> v;
  std::map<int, double> m;
  std::chrono::seconds d;
  char c;
  std::uint8_t u;
};
}  // namespace json_test
template <>
struct weir::enum_names<json_test::status> {
  static constexpr std::string_view values[] = {"approved", "declined"};
};
BOOST_HANA_ADAPT_STRUCT(json_test::inner, a, b);
BOOST_HANA_ADAPT_STRUCT(json_test::outer, name, x, i, in, list, at, amount, st, flag, counts, tags, maybe);
BOOST_HANA_ADAPT_STRUCT(json_test::views, s);
BOOST_HANA_ADAPT_STRUCT(json_test::small, n, s);
BOOST_HANA_ADAPT_STRUCT(json_test::lists, v);
BOOST_HANA_ADAPT_STRUCT(json_test::nothing);
BOOST_HANA_ADAPT_STRUCT(json_test::flags, v, m, d, c, u);

using namespace json_test;
using weir::parse_status;

namespace {

// One text read with and without a line feed behind it, in memory of exactly its size: "ok", or where and why not.
template <class T>
std::string read(std::string_view text, T& value, weir::json_options options = {}) {
  std::string results[2];
  for (bool const feed : {false, true}) {
    std::size_t const size = text.size() + feed;
    auto const bytes = std::make_unique<char[]>(size);
    if (!text.empty()) std::memcpy(bytes.get(), text.data(), text.size());
    if (feed) bytes[text.size()] = '\n';
    weir::json_parser<T> parser(options);
    char const* at = bytes.get();
    auto const status = parser.next(at, bytes.get() + size, true, value);
    CHECK(at == bytes.get() + size);
    auto const& p = parser.problem();
    results[feed] = status == parse_status::record ? "ok"
                    : status == parse_status::incomplete
                        ? "nothing"
                        : std::to_string(p.column) + ' ' + (p.field.empty() ? "" : p.field + ' ') + p.reason;
  }
  CHECK(results[0] == results[1]);
  return results[1];
}
template <class T>
std::string read(std::string_view text) {
  T value{};
  return read(text, value);
}

}  // namespace

TEST_CASE("json: members in any order, with spaces, and unknown ones") {
  small v{};
  for (std::string_view text :
       {R"({"n":5,"s":"x"})", R"({"s":"x","n":5})", R"( { "n" : 5 , "s" : "x" } )", R"({"n": 5, "s": "x"})",
        "{\"n\":5,\t\"s\":\"x\"}\r", R"({"n":5,"other":{"a":[1,2,{"b":null}],"c":"\u00e9"},"s":"x"})",
        R"({"q":-0.5e+3,"n":5,"w":true,"s":"x","z":[]})", R"({"\u006e":5,"s":"\u0078"})",
        R"({"n":5,"s":"x","e":{}})"}) {
    CAPTURE(text);
    v = {};
    CHECK(read(text, v) == "ok");
    CHECK((v == small{5, "x"}));
  }
  CHECK(read<nothing>("{}") == "ok");
  CHECK(read<nothing>(R"({"a":1})") == "ok");
  int number = 0;
  CHECK(read("17", number) == "ok");
  CHECK(number == 17);
}

TEST_CASE("json: every type of value") {
  outer v{};
  CHECK(
      read(
          R"({"name":"a\"\\\/\b\f\n\r\té😀","x":-1.5e3,"i":-9223372036854775808,"in":{"a":1},"list":[{"a":2,"b":"x"},)"
          R"({"b":null,"a":3}],"at":"2026-01-01T00:00:00.5Z","amount":12.5,"st":"declined","flag":true,)"
          R"("counts":{"p":1,"q":2},"tags":["b","a","b"],"maybe":null})",
          v) == "ok");
  CHECK(v.name == "a\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80");
  CHECK(v.x == -1500);
  CHECK(v.i == std::numeric_limits<std::int64_t>::min());
  CHECK((v.in == inner{1, std::nullopt}));
  CHECK((v.list == std::vector<inner>{{2, "x"}, {3, std::nullopt}}));
  CHECK(weir::ticks(v.at) == 1767225600500000);
  CHECK((v.amount == weir::decimal<2>("12.5")));
  CHECK((v.st == status::declined && v.flag && !v.maybe));
  CHECK((v.counts == std::map<std::string, int>{{"p", 1}, {"q", 2}}));
  CHECK((v.tags == std::set<std::string>{"a", "b"}));
  flags f{};
  CHECK(read(R"({"v":[true,false],"m":{"-3":0.5},"d":90,"c":"x","u":255})", f) == "ok");
  CHECK((f.v == std::vector<bool>{true, false} && f.m == std::map<int, double>{{-3, 0.5}} &&
         f.d.count() == 90 && f.c == 'x' && f.u == 255));
  weir::timestamp t;
  CHECK(read("1500", t, {.time = weir::epoch_unit::milliseconds}) == "ok");
  CHECK(weir::ticks(t) == 1'500'000);
  weir::decimal<2> d;
  CHECK(read("\"0.25\"", d) == "ok");
  CHECK((d == weir::decimal<2>("0.25")));
}

TEST_CASE("json: a record that is malformed says where and why") {
  CHECK(read<small>("") == "nothing");
  CHECK(read<small>("  ") == "nothing");
  CHECK(read<small>(R"({"n":5})") == "1 s is missing");
  CHECK(read<small>(R"({"n":5,"s":"x","n":6})") == "16 n the member occurs twice");
  CHECK(read<small>(R"({"n":5,"s":7})") == "12 s is not a string");
  CHECK(read<small>(R"({"n":"5","s":"x"})") == "6 n is not a whole number that fits");
  CHECK(read<small>(R"({"n":5.0,"s":"x"})") == "6 n is not a whole number that fits");
  CHECK(read<small>(R"({"n":05,"s":"x"})") == "6 n is not a whole number that fits");
  CHECK(read<small>(R"({"n":null,"s":"x"})") == "6 n is not a whole number that fits");
  CHECK(read<small>(R"({"n":2147483648,"s":"x"})") == "6 n is not a whole number that fits");
  CHECK(read<small>(R"({"n":5 "s":"x"})") == "8 a comma or a closing brace is missing here");
  CHECK(read<small>(R"({"n":5,})") == "8 there is a comma too much");
  CHECK(read<small>(R"({,"n":5})") == "2 a member's name is missing here");
  CHECK(read<small>(R"({"n" 5})") == "6 a colon is missing here");
  CHECK(read<small>(R"({"n":5,"s":"x"} x)") == "17 there is something behind the value");
  CHECK(read<small>(R"({"n":5,"s":"x"}{})") == "16 there is something behind the value");
  CHECK(read<small>(R"([1])") == "1 is not an object");
  CHECK(read<small>(R"({"n":5,"s":"x)") == "12 s the string is not closed on its line");
  CHECK(read<small>(R"({"n":5,"s":"x\)") == "12 s the string is not closed on its line");
  CHECK(read<small>(R"({"n":5,"s":"\x"})") == "13 s there is no such escape");
  CHECK(read<small>(R"({"n":5,"s":"\u12g4"})") == "13 s \\u needs four hexadecimal digits");
  CHECK(read<small>(R"({"n":5,"s":"\ud83d"})") == "13 s a surrogate stands alone");
  CHECK(read<small>(R"({"n":5,"s":"\ude00\ud83d"})") == "13 s a surrogate stands alone");
  CHECK(read<small>(R"({"n":5,"s":"\ud83d\u0041"})") == "13 s a surrogate stands alone");
  CHECK(read<small>("{\"n\":5,\"s\":\"\xff\"}") == "13 s these bytes are not UTF-8");
  CHECK(read<small>("{\"n\":5,\"s\":\"\xed\xa0\x80\"}") == "13 s these bytes are not UTF-8");
  CHECK(read<small>("{\"n\":5,\"s\":\"\xc0\xaf\"}") == "13 s these bytes are not UTF-8");
  CHECK(read<small>("{\"n\":5,\"s\":\"\xf4\x90\x80\x80\"}") == "13 s these bytes are not UTF-8");
  CHECK(read<small>("{\"n\":5,\"s\":\"a\tb\"}") == "14 s a control character stands in a string unescaped");
  CHECK(read<small>("{\"n\":5,\"z\":\"\xff\",\"s\":\"x\"}") == "13 these bytes are not UTF-8");
  CHECK(read<small>(R"({"n":5,"z":nul,"s":"x"})") == "12 is not a JSON value");
  CHECK(read<outer>(R"({"name":"","x":1,"i":1,"in":{"a":"no"}})") == "34 in.a is not a whole number that fits");
  for (std::string_view number : {"01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "--1", "1.e5", "NaN",
                                  "Infinity", "-Infinity", "nan"}) {
    CAPTURE(number);
    CHECK(read<double>(number) != "ok");
    CHECK(read<weir::decimal<2>>(number) != "ok");
    CHECK(read<nothing>("{\"unknown\":" + std::string(number) + '}') != "ok");
  }
  CHECK(read<weir::decimal<2>>("1.234") == "1 is not a decimal number that fits exactly");
  CHECK(read<weir::decimal<2>>("1e2") == "1 is not a decimal number that fits exactly");
  CHECK(read<double>("1e999") == "1 is not a number that fits");
  CHECK(read<std::map<std::string, int>>(R"({"a":1,"a":2})") == "8 the member occurs twice");
  CHECK(read<std::vector<int>>("[1,2,]") == "6 there is a comma too much");
  CHECK(read<std::vector<int>>("[1 2]") == "4 a comma or a closing bracket is missing here");
}

TEST_CASE("json: depth is limited") {
  auto const nested = [](std::size_t depth) {
    return "{\"u\":" + std::string(depth, '[') + std::string(depth, ']') + '}';
  };
  CHECK(read<nothing>(nested(63)) == "ok");
  CHECK(read<nothing>(nested(64)).find("is nested too deeply") != std::string::npos);
  CHECK(read<nothing>(nested(1'000'000)).find("is nested too deeply") != std::string::npos);
}

TEST_CASE("json: lines, blank ones and their count, wherever the bytes are cut") {
  std::string const text =
      "{\"n\":1,\"s\":\"a\"}\n\n \r\n{\"s\":\"\\\"b\",\"n\":2}\r\nwrong\n{\"n\":3,\"s\":\"c\"}";
  auto const read_cut = [&](std::size_t cut) {
    weir::json_parser<small> parser;
    std::string out;
    std::size_t done = 0;
    std::size_t lines = 0;
    for (std::size_t const have : {cut, text.size()}) {
      bool const last = have == text.size();
      auto const bytes = std::make_unique<char[]>(have - done);
      if (have != done) std::memcpy(bytes.get(), text.data() + done, have - done);
      char const* at = bytes.get();
      for (;;) {
        small v{};
        auto const status = parser.next(at, bytes.get() + (have - done), last, v);
        if (status == parse_status::incomplete) break;
        lines += parser.lines_consumed();
        out += status == parse_status::record ? std::to_string(v.n) + v.s
                                              : '!' + std::to_string(parser.problem().line);
      }
      done += static_cast<std::size_t>(at - bytes.get());
      if (last) break;
    }
    CHECK(done == text.size());
    return out + ' ' + std::to_string(lines);
  };
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    CHECK(read_cut(cut) == "1a2\"b!03c 6");
  }
}

TEST_CASE("json: views point into the input where nothing had to be undone") {
  std::string const text = "{\"s\":\"pl\xc3\xa9in\"}\n{\"s\":\"esc\\taped\"}\n";
  weir::json_parser<views> parser;
  char const* at = text.data();
  views a{};
  views b{};
  REQUIRE(parser.next(at, text.data() + text.size(), true, a) == parse_status::record);
  REQUIRE(parser.next(at, text.data() + text.size(), true, b) == parse_status::record);
  CHECK(a.s.data() == text.data() + 6);
  CHECK(b.s == "esc\taped");
}

TEST_CASE("json: a line that is too long") {
  small v{};
  CHECK(read("{\"n\":1,\"s\":\"" + std::string(100, 'x') + "\"}", v, {.max_record_bytes = 50})
            .find("is longer than 50 bytes") != std::string::npos);
}

TEST_CASE("json: what is written is read back") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  auto const text = [&] {
    constexpr std::string_view parts[] = {
        "a", "\"", "\\", "\n", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80", "/", "long plain text of some size"};
    std::string made;
    for (std::size_t n = random() % 6; n > 0; --n) made += parts[random() % std::size(parts)];
    return made;
  };
  auto const one_inner = [&] {
    return inner{static_cast<int>(random()), random() % 2 ? std::optional<std::string>(text()) : std::nullopt};
  };
  weir::text_buffer out;
  weir::json_writer<outer> const writer;
  std::vector<outer> values;
  for (int i = 0; i < 500; ++i) {
    outer v{text(),
            static_cast<double>(random()) / 1e7,
            static_cast<std::int64_t>(random()),
            one_inner(),
            {},
            weir::from_ticks(static_cast<std::int64_t>(random() >> 10)),
            weir::decimal<2>::from_units(static_cast<std::int64_t>(random())),
            static_cast<status>(random() % 2),
            random() % 2 == 0,
            {},
            {},
            random() % 2 ? std::optional<int>(7) : std::nullopt};
    for (std::size_t n = random() % 3; n > 0; --n) v.list.push_back(one_inner());
    for (std::size_t n = random() % 3; n > 0; --n) v.counts[text()] = static_cast<int>(random());
    for (std::size_t n = random() % 3; n > 0; --n) v.tags.insert(text());
    writer.row(out, v);
    values.push_back(std::move(v));
  }
  weir::json_parser<outer> parser;
  char const* at = out.view().data();
  char const* const end = at + out.size();
  outer read{};
  for (auto const& v : values) {
    auto const status = parser.next(at, end, true, read);
    INFO(parser.problem().field << ' ' << parser.problem().reason);
    REQUIRE(status == parse_status::record);
    REQUIRE((read == v));
  }
  CHECK(at == end);
}
