#include <weir/core/decimal.hpp>
#include <weir/core/row.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/schema_text.hpp>
#include <weir/time.hpp>

#include <map>
#include <random>
#include <set>

#include "catch.hpp"
#include "error_of.hpp"

namespace schema_text_test {

enum class colour : std::uint16_t { red };
struct payment {
  std::string user;
  weir::timestamp at;
};
struct nothing {};
struct own {
  int n = 0;
};

}  // namespace schema_text_test

BOOST_HANA_ADAPT_STRUCT(schema_text_test::payment, user, at);
BOOST_HANA_ADAPT_STRUCT(schema_text_test::nothing);

template <>
struct weir::codec<schema_text_test::own> {
  static void encode(schema_text_test::own const& o, std::string& out) { codec<int>::encode(o.n, out); }
  static void decode(byte_reader& in, schema_text_test::own& o) { codec<int>::decode(in, o.n); }
  static std::string schema() { return "own"; }
};

namespace {

using namespace schema_text_test;
using weir::detail::parse_schema;
using weir::detail::schema_node;

// What was understood, written out again; "?" for what is opaque.
std::string understood(schema_node const& type) {
  if (type.opaque()) return "?";
  std::string inside;
  bool const is_struct = type.name == "struct";
  if (type.name == "decimal") inside = type.parameter;
  for (std::size_t i = 0; i < type.args.size(); ++i) {
    inside += inside.empty() ? "" : ",";
    inside += (is_struct ? type.fields.at(i) + ":" : "") + understood(type.args[i]);
  }
  if (type.name != "decimal" && !type.parameter.empty()) inside += "," + type.parameter;
  if (is_struct) return "struct{" + inside + "}";
  bool const brackets = !type.args.empty() || type.name == "tuple";
  return type.name + (brackets ? "<" + inside + ">" : "");
}

std::string understood(std::string_view text) { return understood(parse_schema(text)); }

TEST_CASE("schema_text: every text that a codec of weir writes is understood", "[state][schema_text]") {
  for (std::string const text : {"bool",
                                 "char",
                                 "int8",
                                 "int16",
                                 "int32",
                                 "int64",
                                 "uint8",
                                 "uint16",
                                 "uint32",
                                 "uint64",
                                 "float32",
                                 "float64",
                                 "string",
                                 "enum<uint16>",
                                 "duration<int64,1/1000000>",
                                 "duration<float64,60/1>",
                                 "timestamp<int64,1/1000000>",
                                 "decimal<2,int64>",
                                 "optional<int32>",
                                 "tuple<>",
                                 "tuple<bool>",
                                 "tuple<bool,string>",
                                 "struct{}",
                                 "struct{user:string,at:timestamp<int64,1/1000000>}",
                                 "array<int16,2>",
                                 "array<int16,0>",
                                 "list<string>",
                                 "map<string,list<optional<float64>>>",
                                 "set<tuple<int8,struct{a:bool}>>"}) {
    CAPTURE(text);
    schema_node const type = parse_schema(text);
    CHECK(understood(type) == text);
    CHECK(type.text == text);
    CHECK(type.known);
  }
  CHECK(parse_schema(weir::codec<std::map<colour, std::vector<payment>>>::schema()).text ==
        "map<enum<uint16>,list<struct{user:string,at:timestamp<int64,1/1000000>}>>");
}

TEST_CASE("schema_text: what is not a text of weir is opaque, and only that", "[state][schema_text]") {
  for (std::string const text : {"",
                                 "own",
                                 "own<int32>",
                                 "int",
                                 "int128",
                                 "float16",
                                 "Int32",
                                 " int32",
                                 "int32 ",
                                 "int32,int32",
                                 "string<>",
                                 "list",
                                 "list<",
                                 "list>",
                                 "list<>",
                                 "list<int32",
                                 "list<int32>>",
                                 "list<int32>x",
                                 "list{int32}",
                                 "list<int32,int32>",
                                 "list<int32}",
                                 "map<int32>",
                                 "map<int32,int32,int32>",
                                 "tuple<,>",
                                 "tuple<int32,>",
                                 "array<int32>",
                                 "array<int32,>",
                                 "array<int32,-1>",
                                 "array<int32,3x>",
                                 "array<int32,99999999999999999999999>",
                                 "array<3,int32>",
                                 "struct",
                                 "struct{",
                                 "struct{a}",
                                 "struct{:int32}",
                                 "struct{a:}",
                                 "struct{a:int32,}",
                                 "struct{a:int32,b}",
                                 "struct<a:int32>",
                                 "struct{a:int32>",
                                 "enum<string>",
                                 "enum<list<int32>>",
                                 "duration<int64>",
                                 "duration<int64,1>",
                                 "duration<int64,/>",
                                 "duration<int64,1/x>",
                                 "duration<string,1/1>",
                                 "decimal<int64,2>",
                                 "decimal<x,int64>",
                                 "decimal<2,string>",
                                 "optional",
                                 "<>",
                                 "{}",
                                 "<",
                                 ">",
                                 ",",
                                 "}",
                                 "window<int32>"}) {
    CAPTURE(text);
    CHECK(parse_schema(text).opaque());
    CHECK_FALSE(parse_schema(text).known);
    CHECK(parse_schema(text).text == text);
  }
  CHECK(understood("struct{a:own,b:list<my::type<1,2>>,c:int32}") == "struct{a:?,b:list<?>,c:int32}");
  CHECK_FALSE(parse_schema("struct{a:own,b:int32}").known);
  CHECK(parse_schema("struct{a:own,b:int32}").args[1].known);
}

TEST_CASE("schema_text: a text that is too deep or too long is opaque where it is", "[state][schema_text]") {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "list<";
  deep += "int32" + std::string(50000, '>');
  CHECK_FALSE(parse_schema(deep).known);
  std::string const closed = [] {
    std::string text = "int32";
    for (int i = 0; i < 1000; ++i) text = "optional<" + text + ">";
    return text;
  }();
  CHECK_FALSE(parse_schema(closed).known);
  CHECK(parse_schema(closed).name == "optional");
  std::string wide = "tuple<int32";
  for (int i = 0; i < 20000; ++i) wide += ",int32";
  CHECK(parse_schema(wide + ">").args.size() == 20001);
  for (int i = 0; i < 30000; ++i) wide += ",int32";
  CHECK(parse_schema(wide + ">").opaque());
}

TEST_CASE("schema_text: no text crashes", "[state][schema_text]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::string const tokens[] = {"list",   "map",      "struct",  "tuple", "array", "optional", "enum",
                                "<",      "<",        ">",       ">",     "{",     "}",        ",",
                                ",",      ":",        "a",       "int32", "bool",  "3",        "0",
                                "1/1000", "duration", "decimal", "own",   "/",     "string",   "\xFF"};
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (unsigned n = random() % 16; n > 0; --n) text += tokens[random() % std::size(tokens)];
    schema_node const type = parse_schema(text);
    CHECK(type.text == text);
    if (type.known) CHECK(understood(type) == text);
    std::string bytes;
    for (unsigned n = random() % 16; n > 0; --n) bytes.push_back(static_cast<char>(random() % 4));
    weir::byte_reader in(bytes);
    try {
      bool const skipped = skip(type, in);
      CHECK(skipped == type.known);
    } catch (weir::format_error const&) {
    }
  }
}

template <class T>
void check_skip(T const& value) {
  std::string bytes;
  weir::encode(value, bytes);
  schema_node const type = parse_schema(weir::codec<T>::schema());
  CAPTURE(type.text);
  std::string const followed = bytes + "\1rest";
  weir::byte_reader in(followed);
  CHECK(skip(type, in));
  CHECK(in.remaining() == 5);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    weir::byte_reader cut(std::string_view(bytes).substr(0, n));
    CHECK_THROWS_AS(skip(type, cut), weir::format_error);
  }
}

TEST_CASE("schema_text: skip ends where the value ends", "[state][schema_text]") {
  check_skip(true);
  check_skip('x');
  check_skip(std::int16_t{7});
  check_skip(2.5);
  check_skip(std::string(300, 'x'));
  check_skip(colour::red);
  check_skip(weir::timestamp{});
  check_skip(std::chrono::minutes(3));
  check_skip(weir::decimal<2>::from_units(5));
  check_skip(std::optional<int>{});
  check_skip(std::optional<int>{4});
  check_skip(std::tuple<>{});
  check_skip(nothing{});
  check_skip(std::array<int, 0>{});
  check_skip(std::array<std::string, 2>{"a", "bcd"});
  check_skip(std::vector<bool>{true, false});
  check_skip(std::vector<double>{1, 2, 3});
  check_skip(std::vector<payment>{{"bob", {}}, {"", {}}});
  check_skip(std::set<std::string>{"a", "bb"});
  check_skip(std::map<std::string, std::vector<std::optional<int>>>{{"a", {1, {}}}, {"b", {}}});
  check_skip(std::make_pair(nothing{}, std::map<int, nothing>{{1, {}}}));
  check_skip(weir::row<weir::column<"count", std::uint8_t>, weir::column<"name", std::string>>(
      std::uint8_t{3}, std::string("a")));
}

TEST_CASE("schema_text: skip reads nothing of a type that it does not know", "[state][schema_text]") {
  std::string bytes;
  weir::encode(std::make_pair(1, own{2}), bytes);
  weir::byte_reader in(bytes);
  CHECK_FALSE(skip(parse_schema(weir::codec<std::pair<int, own>>::schema()), in));
  CHECK(in.remaining() == 8);
  weir::byte_reader huge(bytes);
  CHECK(weir_test::error_of<weir::format_error>(
            [&] { skip(parse_schema("array<int32,18446744073709551615>"), huge); }) ==
        "weir::codec<value>: needs 4 more bytes and has 0 bytes; the bytes are damaged or were written for "
        "another type");
  weir::byte_reader flag("\2");
  CHECK_THROWS_AS(skip(parse_schema("optional<int32>"), flag), weir::format_error);
}

}  // namespace
