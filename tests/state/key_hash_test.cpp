#include <weir/state/key_hash.hpp>
#include <weir/time.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <limits>
#include <set>
#include <string>

#include "catch.hpp"

namespace key_hash_test {
struct card {
  std::string user;
  int number = 0;
};
enum class colour : int { red = 1 };
}  // namespace key_hash_test

BOOST_HANA_ADAPT_STRUCT(key_hash_test::card, user, number);

namespace {

using namespace key_hash_test;

template <class T>
std::size_t hash(T const& key) {
  return weir::key_hash<T>{}(key);
}

TEST_CASE("key_hash: what is equal hashes equal", "[state][key_hash]") {
  for (std::size_t n = 0; n < 70; ++n) {
    std::string const text(n, 'x');
    CHECK(hash(text) == hash(std::string_view(text)));
  }
  std::string const name = "bob";
  int const number = 3;
  std::tuple<std::string, int> const values{name, number};
  std::tuple<std::string_view, int const&> const views{name, number};
  CHECK(hash(values) == hash(views));
  CHECK(weir::key_equal<decltype(values)>{}(values, views));
  CHECK(hash(-0.0) == hash(0.0));
  CHECK(hash(std::int32_t{-5}) == hash(std::int64_t{-5}));
  CHECK(hash(card{"a", 1}) == hash(card{"a", 1}));
  CHECK(weir::key_equal<card>{}(card{"a", 1}, card{"a", 1}));
  CHECK_FALSE(weir::key_equal<card>{}(card{"a", 1}, card{"a", 2}));
  CHECK(hash(weir::from_ticks(4)) == hash(weir::duration(4)));
  CHECK(hash(colour::red) == hash(1));
  CHECK(hash(std::optional<int>(1)) != hash(std::optional<int>()));
}

TEST_CASE("key_hash: NaN is refused, as in the key's bytes", "[state][key_hash]") {
  CHECK_THROWS_AS(hash(std::numeric_limits<double>::quiet_NaN()), weir::error);
}

TEST_CASE("key_hash: keys in a row and texts of all lengths hardly collide", "[state][key_hash]") {
  std::set<std::size_t> low, high, texts;
  for (std::int64_t i = 0; i < 10'000; ++i) {
    low.insert(hash(i) & 0xFFFFF), high.insert(hash(i << 32) >> 44);
    texts.insert(hash(std::string(static_cast<std::size_t>(i % 40), 'a') + std::to_string(i)));
  }
  CHECK(low.size() > 9'800);
  CHECK(high.size() > 9'800);
  CHECK(texts.size() == 10'000);
}

}  // namespace
