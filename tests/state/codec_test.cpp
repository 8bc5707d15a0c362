#include <weir/core/decimal.hpp>
#include <weir/core/row.hpp>
#include <weir/state/codec.hpp>
#include <weir/time.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "catch.hpp"
#include "error_of.hpp"
#include "state/hex.hpp"

namespace codec_test {

enum class colour : std::uint16_t { red = 1, blue = 0x0203 };

struct payment {
  std::string user;
  double amount = 0;
  weir::timestamp at;
  std::optional<std::int32_t> branch;
  bool operator==(payment const&) const = default;
};
struct with_view {
  std::string_view text;
};
struct plain {};
struct own {
  int n = 0;
};

}  // namespace codec_test

BOOST_HANA_ADAPT_STRUCT(codec_test::payment, user, amount, at, branch);
BOOST_HANA_ADAPT_STRUCT(codec_test::with_view, text);

template <>
struct weir::codec<codec_test::own> {
  static void encode(codec_test::own const& o, std::string& out) { codec<int>::encode(o.n, out); }
  static void decode(byte_reader& in, codec_test::own& o) { codec<int>::decode(in, o.n); }
  static std::string schema() { return "own"; }
};

namespace {

using namespace codec_test;
using weir_test::hex;

static_assert(weir::has_codec<std::vector<std::map<std::string, payment>>>);
static_assert(weir::has_codec<own>);
static_assert(weir::has_codec<std::vector<own>>);
static_assert(!weir::has_codec<std::string_view>);
static_assert(!weir::has_codec<with_view>);
static_assert(!weir::has_codec<plain>);
static_assert(!weir::has_codec<std::vector<plain>>);
static_assert(!weir::has_codec<std::optional<plain>>);
static_assert(!weir::has_codec<int*>);
static_assert(!weir::has_codec<long double>);
static_assert(!weir::has_codec<std::chrono::steady_clock::time_point>);

// The bytes and the schema are a promise to every state directory that exists: they are written out here.
template <class T>
void check(T const& value, std::string const& golden, std::string const& schema) {
  std::string bytes;
  weir::encode(value, bytes);
  CHECK(hex(bytes) == golden);
  CHECK(weir::codec<T>::schema() == schema);
  T back{};
  weir::decode(bytes, back);
  CHECK(back == value);
  for (std::size_t n = 0; n < bytes.size(); ++n) {  // no prefix is a value
    T cut{};
    CHECK_THROWS_AS(weir::decode(std::string_view(bytes).substr(0, n), cut), weir::format_error);
  }
  T longer{};
  CHECK_THROWS_AS(weir::decode(bytes + '\0', longer), weir::format_error);
}

template <class T>
std::string error_of(std::string_view bytes) {
  T out{};
  return weir_test::error_of<weir::format_error>([&] { weir::decode(bytes, out); });
}

TEST_CASE("codec: golden bytes of numbers, times and text", "[state][codec]") {
  check<std::int64_t>(-2, "feffffffffffffff", "int64");
  check<std::int32_t>(0x01020304, "04030201", "int32");
  check<std::uint16_t>(0xA1B2, "b2a1", "uint16");
  check<std::int8_t>(-1, "ff", "int8");
  check<char>('x', "78", "char");
  check<bool>(true, "01", "bool");
  check<float>(1.5f, "0000c03f", "float32");
  check<double>(-0.0, "0000000000000080", "float64");
  check<colour>(colour::blue, "0302", "enum<uint16>");
  check<std::string>("", "00", "string");
  check<std::string>(std::string("a\0b", 3), "03610062", "string");
  check<weir::timestamp>(weir::from_ticks(1), "0100000000000000", "timestamp<int64,1/1000000>");
  check<weir::duration>(weir::duration(-1), "ffffffffffffffff", "duration<int64,1/1000000>");
  check<std::chrono::minutes>(std::chrono::minutes(2), "0200000000000000", "duration<int64,60/1>");
}

TEST_CASE("codec: golden bytes of what is put together", "[state][codec]") {
  check<std::optional<std::int32_t>>(std::nullopt, "00", "optional<int32>");
  check<std::optional<std::int32_t>>(7, "0107000000", "optional<int32>");
  check<std::pair<bool, std::string>>({true, "a"}, "010161", "tuple<bool,string>");
  check<std::tuple<>>({}, "00", "tuple<>");
  check<std::tuple<std::int8_t, std::int8_t, bool>>({1, 2, false}, "010200", "tuple<int8,int8,bool>");
  check<std::array<std::int16_t, 2>>({1, 2}, "01000200", "array<int16,2>");
  check<std::vector<std::int16_t>>({1, -1}, "020100ffff", "list<int16>");
  check<std::vector<bool>>({true, false}, "020100", "list<bool>");
  check<std::vector<std::string>>({"x", "yz"}, "02017802797a", "list<string>");
  check<std::vector<double>>({}, "00", "list<float64>");
  check<std::set<std::string>>({"b", "a"}, "0201610162", "set<string>");
  check<std::map<std::string, std::int8_t>>({{"b", 1}, {"a", 2}}, "02016102016201", "map<string,int8>");
  check<payment>({"bob", 2, weir::from_ticks(3), 4},
                 "03626f62"
                 "0000000000000040"
                 "0300000000000000"
                 "0104000000",
                 "struct{user:string,amount:float64,at:timestamp<int64,1/1000000>,branch:optional<int32>}");
  check<std::vector<payment>>({{"", 0, {}, {}}},
                              "01"
                              "00"
                              "0000000000000000"
                              "0000000000000000"
                              "00",
                              "list<struct{user:string,amount:float64,at:timestamp<int64,1/1000000>,"
                              "branch:optional<int32>}>");
}

TEST_CASE("codec: a hash table is written in the order of its keys' bytes", "[state][codec]") {
  check<std::unordered_map<std::string, std::int8_t>>({{"b", 1}, {"a", 2}}, "02016102016201",
                                                      "map<string,int8>");
  check<std::unordered_set<std::uint8_t>>({9, 3, 200}, "030309c8", "set<uint8>");
  std::string two_bytes_of_length;
  weir::encode(std::string(300, 'x'), two_bytes_of_length);
  CHECK(hex(two_bytes_of_length.substr(0, 3)) == "ac0278");
}

TEST_CASE("codec: decimals, rows and flat maps", "[state][codec]") {
  check<weir::decimal<2>>(weir::decimal<2>::from_units(-1), "ffffffffffffffff", "decimal<2,int64>");
  using row = weir::row<weir::column<"count", std::uint8_t>, weir::column<"name", std::string>>;
  check<row>(row(std::uint8_t{3}, std::string("a")), "030161", "struct{count:uint8,name:string}");
  check<boost::unordered_flat_map<std::string, bool>>({{"b", true}, {"a", false}},
                                                      "0201610001"
                                                      "6201",
                                                      "map<string,bool>");
}

TEST_CASE("codec: NaN keeps its bits", "[state][codec]") {
  std::string bytes;
  weir::encode(std::numeric_limits<double>::quiet_NaN(), bytes);
  double back = 0;
  weir::decode(bytes, back);
  CHECK(std::isnan(back));
}

TEST_CASE("codec: damaged bytes are refused in words and allocate nothing", "[state][codec]") {
  CHECK(error_of<std::int64_t>("abc") ==
        "weir::codec<int64>: needs 8 more bytes and has 3 bytes; the bytes are damaged or were written for "
        "another "
        "type");
  CHECK(error_of<bool>("\x02").find("neither 0 nor 1") != std::string::npos);
  CHECK(error_of<std::optional<bool>>("\x05").find("neither 0 nor 1") != std::string::npos);
  std::string const huge = "\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
  CHECK(error_of<std::string>(huge).find("a count of 9223372036854775807 elements in 0 bytes") !=
        std::string::npos);
  CHECK(error_of<std::vector<double>>(huge).find("weir::codec<list<float64>>: a count of") !=
        std::string::npos);
  CHECK(error_of<std::vector<std::string>>(huge + "xx").find("a count of") != std::string::npos);
  CHECK(error_of<std::map<std::string, std::string>>(huge).find("a count of") != std::string::npos);
  CHECK(error_of<std::vector<double>>(std::string("\x02") + "12345678").find("needs 16 more") !=
        std::string::npos);
  CHECK(error_of<std::string>("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f").find("64 bits") != std::string::npos);
  CHECK(error_of<std::set<bool>>(std::string("\2\1\1")).find("stands twice") != std::string::npos);
  CHECK(error_of<std::int8_t>("ab").find("left over") != std::string::npos);
}

}  // namespace
