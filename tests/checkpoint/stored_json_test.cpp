// Stored values and keys as JSON by their schema alone: as write_json has them, and back.
#include "catch.hpp"

#include <weir/checkpoint/state_form.hpp>
#include <weir/checkpoint/stored_json.hpp>
#include <weir/checkpoint/stored_key.hpp>
#include <weir/core/decimal.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::string_literals;
using namespace weir::detail;

struct inner_record {
  std::int8_t small;
  std::vector<std::string> words;
};
BOOST_HANA_ADAPT_STRUCT(inner_record, small, words);
struct outer_record {
  std::string name;
  inner_record inner;
  std::optional<weir::timestamp> at;
  weir::decimal<2> price;
};
BOOST_HANA_ADAPT_STRUCT(outer_record, name, inner, at, price);
struct nothing_record {};
BOOST_HANA_ADAPT_STRUCT(nothing_record);

struct secret {
  char c = 's';
};
template <>
struct weir::codec<secret> {
  static void encode(secret const& s, std::string& out) { out.push_back(s.c); }
  static void decode(byte_reader& in, secret& s) { s.c = static_cast<char>(in.byte()); }
  static std::string schema() { return "secret<odd"; }
};

namespace {

enum class colour : std::uint8_t { red, green };

template <class T>
std::string json(T const& value) {
  weir::text_buffer out;
  weir::write_json(out, value);
  return std::string(out.view());
}
std::string stored_value(std::string const& schema, std::string_view bytes) {
  weir::text_buffer out;
  weir::byte_reader in(bytes);
  stored_json<value_bytes>(out, in).write(parse_schema(schema));
  in.finish();
  return std::string(out.view());
}
template <class T>
std::string stored_value(T const& value) {
  std::string bytes;
  weir::encode(value, bytes);
  return stored_value(weir::codec<T>::schema(), bytes);
}
std::string key_json(schema_node const& type, std::string_view bytes) {
  weir::text_buffer out;
  state_form::write_key(out, type, bytes);
  return std::string(out.view());
}
template <class K>
void key_there_and_back(K const& key, std::string const& as) {
  std::string bytes;
  weir::encode_key(key, bytes);
  auto const type = parse_schema(weir::key_codec<K>::schema());
  CHECK(key_json(type, bytes) == as);
  CHECK(stored_key::bytes(type, as) == bytes);
  weir::text_buffer hex;
  write_hex(hex, bytes);
  CHECK(stored_key::bytes(type, hex.view()) == bytes);
}
template <class K>
std::string refusal(std::string const& text) {
  try {
    stored_key::bytes(parse_schema(weir::key_codec<K>::schema()), text);
    return "none";
  } catch (weir::config_error const& e) {
    return e.what();
  }
}
template <class T>
void same(T const& value) {
  CHECK(stored_value(value) == json(value));
}

}  // namespace

TEST_CASE("stored values are shown as write_json shows them") {
  same(true);
  same('c');
  same(std::int8_t{-128});
  same(std::numeric_limits<std::int64_t>::min());
  same(std::numeric_limits<std::uint64_t>::max());
  same(1.5F);
  same(0.1);
  same(-1e300);
  same(std::numeric_limits<double>::infinity());
  same("text with \"quotes\", \n and \xC3\xA4"s);
  same(colour::green);
  same(weir::from_ticks(1'767'225'600'123'456));
  same(weir::max_time);
  same(weir::min_time);
  same(std::chrono::milliseconds{-5});
  same(weir::decimal<2>::from_units(-5));
  same(weir::decimal<4>::from_units(123'456));
  same(weir::decimal<0>::from_units(7));
  same(weir::decimal<2>::from_units(std::numeric_limits<std::int64_t>::min()));
  same(std::optional<int>{});
  same(std::optional<int>{3});
  same(std::vector<double>{1, 2.5});
  same(std::vector<bool>{true, false});
  same(std::set<std::string>{"a", "b"});
  same(std::map<std::string, int>{{"a\"b", 1}, {"c", 2}});
  same(std::map<std::int16_t, std::vector<int>>{{-1, {}}, {2, {3}}});
  same(std::map<std::string, int>{});
  same(std::tuple<int, std::string>{1, "x"});
  same(std::pair<int, std::optional<int>>{1, 2});
  same(std::array<std::int32_t, 3>{1, 2, 3});
  same(outer_record{"n", {-3, {"a", ""}}, weir::from_ticks(0), weir::decimal<2>::from_units(1999)});
  CHECK(stored_value(nothing_record{}) == "{}");
  CHECK(stored_value(std::tuple<>{}) == "[]");
  CHECK(stored_value(std::map<std::pair<int, int>, bool>{{{1, 2}, true}}) == "[[[1,2],true]]");
  CHECK(stored_value("\xFF\x00z"s) == R"({"hex":"ff007a"})");
  CHECK(stored_value(std::chrono::sys_seconds{std::chrono::seconds{1}}) == "\"1970-01-01T00:00:01Z\"");
  CHECK(stored_value(std::chrono::sys_days{std::chrono::days{1}}) == "\"1970-01-02T00:00:00Z\"");
  using nanoseconds = std::chrono::sys_time<std::chrono::nanoseconds>;
  CHECK(stored_value(nanoseconds{std::chrono::nanoseconds{2'000}}) == "\"1970-01-01T00:00:00.000002Z\"");
  CHECK(stored_value(nanoseconds{std::chrono::nanoseconds{2'001}}) == "2001");
}

TEST_CASE("keys are read from what is shown of them") {
  key_there_and_back(std::string("k"), "\"k\"");
  key_there_and_back("with \"quotes\" and \0 zero"s, R"("with \"quotes\" and \u0000 zero")");
  key_there_and_back(std::string(), "\"\"");
  key_there_and_back(std::int32_t{-7}, "-7");
  key_there_and_back(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
  key_there_and_back(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
  key_there_and_back(true, "true");
  key_there_and_back('x', "\"x\"");
  key_there_and_back(0.25, "0.25");
  key_there_and_back(-1.5F, "-1.5");
  key_there_and_back(0.0, "0");
  key_there_and_back(colour::green, "1");
  key_there_and_back(weir::from_ticks(1'000'001), "\"1970-01-01T00:00:01.000001Z\"");
  key_there_and_back(weir::min_time, json(weir::min_time));
  key_there_and_back(std::chrono::seconds{90}, "90");
  key_there_and_back(weir::decimal<2>::from_units(-1205), "-12.05");
  key_there_and_back(std::optional<std::int32_t>{}, "null");
  key_there_and_back(std::optional<std::int32_t>{4}, "4");
  key_there_and_back(std::tuple<std::string, std::int32_t>{"a", 1}, R"(["a",1])");
  key_there_and_back(std::array<std::int16_t, 2>{1, -1}, "[1,-1]");

  auto const text = parse_schema("string");
  CHECK(stored_key::bytes(text, "a b") == stored_key::bytes(text, "\"a b\""));
  auto const time = parse_schema(weir::key_codec<weir::timestamp>::schema());
  CHECK(stored_key::bytes(time, "1970-01-01T00:00:01Z") == stored_key::bytes(time, "1000000"));
  auto const price = parse_schema(weir::key_codec<weir::decimal<2>>::schema());
  CHECK(stored_key::bytes(price, "1.5") == stored_key::bytes(price, "1.50"));
}

TEST_CASE("keys that are none are refused in words") {
  using parts = std::tuple<std::string, std::int8_t>;
  CHECK_THAT(refusal<std::int8_t>("200"), Catch::Contains("is no whole number that fits"));
  CHECK_THAT(refusal<std::uint8_t>("-1"), Catch::Contains("is no whole number that fits"));
  CHECK_THAT(refusal<std::int32_t>("1.5"), Catch::Contains("is no whole number that fits"));
  CHECK_THAT(refusal<std::int32_t>("x"), Catch::Contains("a number is needed here"));
  CHECK_THAT(refusal<std::int32_t>(""), Catch::Contains("a number is needed here"));
  CHECK_THAT(refusal<std::int32_t>("1 2"), Catch::Contains("there is more behind the key"));
  CHECK_THAT(refusal<bool>("1"), Catch::Contains("true or false"));
  CHECK_THAT(refusal<char>("\"ab\""), Catch::Contains("a char is a string of one character"));
  CHECK_THAT(refusal<std::string>("\"open"), Catch::Contains("a string is needed here"));
  CHECK_THAT(refusal<weir::timestamp>("\"yesterday\""), Catch::Contains("a time such as"));
  CHECK_THAT(refusal<weir::decimal<2>>("1.234"), Catch::Contains("2 digits behind the point"));
  CHECK_THAT(refusal<parts>("[\"a\"]"), Catch::Contains("has 2 parts"));
  CHECK_THAT(refusal<parts>("[\"a\",1,2]"), Catch::Contains("has 2 parts"));
  CHECK_THAT(refusal<parts>("a"), Catch::Contains("an array of 2 is needed"));
  CHECK_THAT(refusal<parts>("[\"a\",1"), Catch::Contains("an array is needed here"));
  CHECK_THAT(refusal<std::string>("{\"hex\":\"0\"}"), Catch::Contains("two hexadecimal digits make a byte"));
  CHECK_THROWS_WITH(stored_key::bytes(parse_schema("secret<odd"), "x"),
                    Catch::Contains("only the program that wrote it"));
  CHECK(stored_key::bytes(parse_schema("secret<odd"), "{\"hex\":\"00ff\"}") == "\0\xFF"s);
}

TEST_CASE("states whose types only their program knows are shown as bytes") {
  state_form const form({.id = 0,
                         .uid = "u",
                         .name = "n",
                         .kind = weir::state_kind::value,
                         .schema = "struct{a:int32,b:secret<odd}",
                         .key_schema = "secret<odd"});
  weir::text_buffer out;
  form.write_value(out, "\x01\x02");
  CHECK(out.view() == R"({"hex":"0102"})");
  CHECK(key_json(form.key, "k") == R"({"hex":"6b"})");
  state_form const map({.id = 0,
                        .uid = "u",
                        .name = "n",
                        .kind = weir::state_kind::mapping,
                        .schema = "string to int32",
                        .key_schema = "secret<odd"});
  CHECK_FALSE(map.key_size("abc"));
}

TEST_CASE("damaged bytes are a format_error and nothing else") {
  std::mt19937 random(11);
  std::string bytes;
  outer_record const value{
      "name", {1, {"a", "bb", "ccc"}}, weir::from_ticks(5), weir::decimal<2>::from_units(7)};
  weir::encode(value, bytes);
  std::string const schema = weir::codec<outer_record>::schema();
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string changed = bytes.substr(0, random() % 3 ? bytes.size() : random() % bytes.size());
    for (std::size_t n = random() % 3; n > 0 && !changed.empty(); --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    outer_record read;
    bool good = true, shown = true;
    try {
      weir::decode(changed, read);
    } catch (weir::format_error const&) {
      good = false;
    }
    try {
      stored_value(schema, changed);
    } catch (weir::format_error const&) {
      shown = false;
    }
    refused += !shown;
    REQUIRE(good == shown);
  }
  CHECK(refused > 100);
}

TEST_CASE("a made-up schema of a key does not make more of no bytes than there are") {
  auto const type = parse_schema("array<array<tuple<>,18446744073709551615>,18446744073709551615>");
  CHECK(key_json(type, "") == "[[[]]]");
}
