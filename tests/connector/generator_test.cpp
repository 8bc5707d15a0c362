#include "catch.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {
auto const make = [](std::uint64_t index, weir::generator_bits& bits) {
  return std::pair{index, std::uniform_int_distribution<int>(0, 999)(bits)};
};
using made_reader = weir::generator<std::remove_const_t<decltype(make)>>::reader;
}  // namespace

TEST_CASE("generator gives count records, the same ones for the same seed", "[connector]") {
  auto const all = [&](std::uint64_t seed) {
    std::vector<std::pair<std::uint64_t, int>> got;
    weir::run(weir::from(weir::generator{make, {.seed = seed, .count = 1000}}) | weir::into(got));
    return got;
  };
  auto const got = all(7);
  REQUIRE(got.size() == 1000);
  CHECK(got[999].first == 999);
  CHECK(got == all(7));
  CHECK(got != all(8));
  double sum = 0;
  for (auto const& [index, value] : got) sum += value;
  CHECK(std::abs(sum / 1000 - 499.5) < 60);
}

TEST_CASE("a restarted generator goes on exactly", "[connector]") {
  weir::generator const noun{make, {.seed = 7, .count = 1000}};
  made_reader whole(noun, {"made"});
  auto const expected = whole.poll(0, 1000, clock_type::now());
  std::string saved;
  std::size_t seen = 0;
  while (seen < 1000) {
    made_reader part(noun, {"made"});
    if (!saved.empty()) part.restore(saved);
    CHECK_FALSE(part.ended(0));
    auto const batch = part.poll(0, 300, clock_type::now());
    for (std::size_t i = 0; i < 77 && i < batch.size(); ++i) REQUIRE(batch[i] == expected[seen + i]);
    std::size_t const n = std::min<std::size_t>(77, batch.size());
    part.consume(0, n);
    seen += n;
    CHECK(part.poll(0, 5, clock_type::now()).size() <= 5);
    saved.clear();
    part.save(saved);
  }
  made_reader end(noun, {"made"});
  end.restore(saved);
  CHECK(end.ended(0));
  made_reader other(weir::generator{make, {.seed = 8}}, {"made"});
  CHECK_THROWS_WITH(other.restore(saved),
                    "weir::generator: source \"made\": the seed is now 8 and was 7; give the old one, "
                    "or start with an empty state directory");
}

TEST_CASE("a generator with a rate gives records as their time comes", "[connector]") {
  auto const index = [](std::uint64_t i) { return i; };
  using reader = weir::generator<std::remove_const_t<decltype(index)>>::reader;
  reader slow(weir::generator{index, {.rate = 100}}, {"made"});
  auto const begin = clock_type::now();
  CHECK(slow.poll(0, 10, begin + 1s).size() == 1);
  slow.consume(0, 1);
  CHECK(slow.poll(0, 10, clock_type::time_point::min()).size() <= 1);
  auto const batch = slow.poll(0, 10, begin + 1s);
  CHECK(batch.size() >= 1);
  CHECK(clock_type::now() - begin >= 9ms);
  slow.consume(0, batch.size());
  reader rare(weir::generator{index, {.rate = 0.001}}, {"made"});
  rare.consume(0, rare.poll(0, 10, begin).size());
  CHECK(rare.poll(0, 10, clock_type::now() + 2ms).empty());
  CHECK_THROWS_AS(reader(weir::generator{index, {.rate = -1}}, {"made"}), weir::config_error);
  CHECK_THROWS_AS(reader(weir::generator{index, {.rate = std::numeric_limits<double>::quiet_NaN()}}, {"made"}),
                  weir::config_error);
}
