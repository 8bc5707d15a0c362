#include <weir/core/decimal.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/key_group.hpp>
#include <weir/time.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "catch.hpp"
#include "state/hex.hpp"

namespace key_codec_test {

enum class level : std::int8_t { low = -1, high = 1 };

struct card {
  std::string user;
  std::int32_t number = 0;
  auto operator<=>(card const&) const = default;
};

}  // namespace key_codec_test

BOOST_HANA_ADAPT_STRUCT(key_codec_test::card, user, number);

namespace {

using namespace key_codec_test;
using weir_test::hex;

static_assert(weir::storable_key<card>);
static_assert(weir::has_key_codec<std::string_view> && !weir::storable_key<std::string_view>);
static_assert(weir::has_key_codec<std::tuple<std::string const&, std::string_view, int const&>>);
static_assert(!weir::storable_key<std::tuple<std::string_view, int>>);
static_assert(!weir::has_key_codec<long double>);
static_assert(!weir::has_key_codec<int*>);

template <class T>
std::string bytes_of(T const& key) {
  std::string bytes;
  weir::encode_key(key, bytes);
  return bytes;
}

template <class T>
void check(T const& key, std::string const& golden, std::string const& schema) {
  std::string const bytes = bytes_of(key);
  CHECK(hex(bytes) == golden);
  CHECK(weir::key_codec<T>::schema() == schema);
  CHECK(weir::decode_key<T>(bytes) == key);
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_THROWS_AS(weir::decode_key<T>(std::string_view(bytes).substr(0, n)), weir::format_error);
}

// The laws: order and equality of the bytes are those of the keys, and no key's bytes begin another's.
template <class T, class Less = std::less<>>
void laws(std::vector<T> const& keys) {
  std::vector<std::string> bytes;
  for (T const& key : keys) {
    bytes.push_back(bytes_of(key));
    REQUIRE(weir::decode_key<T>(bytes.back()) == key);
  }
  bool order = true, equality = true, prefix_free = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < keys.size(); ++j) {
      order &= (keys[i] < keys[j]) == (bytes[i] < bytes[j]);
      equality &= (keys[i] == keys[j]) == (bytes[i] == bytes[j]);
      prefix_free &= bytes[i] == bytes[j] || !bytes[j].starts_with(bytes[i]);
    }
  }
  CHECK(order);
  CHECK(equality);
  CHECK(prefix_free);
}

TEST_CASE("key_codec: golden bytes", "[state][key_codec]") {
  check<std::int32_t>(0, "80000000", "int32");
  check<std::int32_t>(-1, "7fffffff", "int32");
  check<std::int64_t>(258, "8000000000000102", "int64");
  check<std::uint16_t>(0xA1B2, "a1b2", "uint16");
  check<bool>(true, "01", "bool");
  check<level>(level::low, "7f", "enum<int8>");
  check<double>(0.0, "8000000000000000", "float64");
  check<double>(1.0, "bff0000000000000", "float64");
  check<double>(-1.0, "400fffffffffffff", "float64");
  check<std::string>("", "0001", "string");
  check<std::string>(std::string("a\0b", 3), "6100ff620001", "string");
  check<weir::timestamp>(weir::from_ticks(1), "8000000000000001", "timestamp<int64,1/1000000>");
  check<weir::duration>(weir::duration(-1), "7fffffffffffffff", "duration<int64,1/1000000>");
  check<std::optional<bool>>(std::nullopt, "00", "optional<bool>");
  check<std::optional<bool>>(false, "0100", "optional<bool>");
  check<std::pair<std::string, std::uint8_t>>({"a", 2}, "61000102", "tuple<string,uint8>");
  check<std::tuple<std::uint8_t, std::string>>({2, "a"}, "02610001", "tuple<uint8,string>");
  check<std::array<std::uint8_t, 2>>({1, 2}, "0102", "array<uint8,2>");
  check<weir::decimal<2>>(weir::decimal<2>::from_units(-1), "7fffffffffffffff", "decimal<2,int64>");
  check<card>({"bob", 1}, "626f62000180000001", "struct{user:string,number:int32}");
}

TEST_CASE("key_codec: a view has the bytes and the schema of the text that it shows", "[state][key_codec]") {
  std::string const name("a\0b", 3);
  int const number = 7;
  CHECK(bytes_of(std::string_view(name)) == bytes_of(name));
  CHECK(weir::key_codec<std::string_view>::schema() == weir::key_codec<std::string>::schema());
  using views = std::tuple<std::string_view, int const&>;
  using values = std::tuple<std::string, int>;
  CHECK(bytes_of(views(name, number)) == bytes_of(values(name, number)));
  CHECK(weir::key_codec<views>::schema() == weir::key_codec<values>::schema());
}

TEST_CASE("key_codec: zero has one sign and NaN is refused", "[state][key_codec]") {
  CHECK(bytes_of(-0.0) == bytes_of(0.0));
  CHECK(bytes_of(-0.0f) == bytes_of(0.0f));
  CHECK_THROWS_WITH(
      bytes_of(std::numeric_limits<double>::quiet_NaN()),
      "weir::key_by: NaN cannot be a key, it does not equal itself; filter such records out or give them "
      "a key of their own");
  CHECK_THROWS_AS(weir::decode_key<double>(std::string(8, '\xff')), weir::format_error);
  CHECK_THROWS_AS(weir::decode_key<double>("\x7f" + std::string(7, '\xff')), weir::format_error);  // -0.0
  CHECK_THROWS_AS(weir::decode_key<float>("\x7f" + std::string(3, '\xff')), weir::format_error);
  CHECK_THROWS_AS(weir::decode_key<std::string>(std::string("a\0x\0\1", 5)), weir::format_error);
}

TEST_CASE("key_codec: the laws of order hold", "[state][key_codec]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> longs{0, 1, -1, std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max()};
  std::vector<std::int8_t> bytes;
  std::vector<double> doubles{0.0, 1e-320, -1e-320, std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity()};
  std::vector<std::string> texts{"", std::string(1, '\0'), std::string(2, '\0'), "\x01", "\xff"};
  std::vector<std::tuple<std::string, std::int8_t, std::optional<std::string>>> tuples;
  std::vector<card> cards;
  auto const text = [&] {
    std::string s;
    for (auto n = random() % 4; n > 0; --n) s.push_back("\x00\x01\x02\xfe\xff"[random() % 5]);
    return s;
  };
  for (int i = 0; i < 150; ++i) {
    longs.push_back(static_cast<std::int64_t>(random() >> (random() % 64)) * (random() % 2 ? 1 : -1));
    bytes.push_back(static_cast<std::int8_t>(random()));
    doubles.push_back(std::ldexp(static_cast<double>(random() % 16) - 8, static_cast<int>(random() % 40) - 20));
    texts.push_back(text());
    tuples.emplace_back(text(), static_cast<std::int8_t>(random() % 3 - 1),
                        random() % 3 ? std::optional(text()) : std::nullopt);
    cards.push_back({text(), static_cast<std::int32_t>(random() % 5) - 2});
  }
  laws(longs);
  laws(bytes);
  laws(doubles);
  laws(texts);
  laws(tuples);
  laws(cards);
}

TEST_CASE("key_group: fixed for ever by the key's bytes", "[state][key_group]") {
  CHECK(weir::key_group("") == 0xEF46DB3751D8E999u % 128);
  CHECK(weir::key_group("abc") == 0x44BC2CF5AD770999u % 128);
  CHECK(weir::key_group("abc", 1) == 0);
  CHECK(weir::key_group("abc", 65535) == 0x44BC2CF5AD770999u % 65535);
  CHECK(weir::key_group(bytes_of(std::string("user_17"))) ==
        weir::key_group(bytes_of(std::string_view("user_17"))));
}

}  // namespace
