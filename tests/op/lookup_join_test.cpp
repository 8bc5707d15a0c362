// lookup_join: rows by key from elsewhere, and what is remembered of them.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct payment {
  int card;
  int amount;
};

// A table elsewhere.
struct cards {
  std::map<int, std::string> const* rows;
  std::atomic<int>* asked;
  std::optional<std::string> operator()(int card) const {
    ++*asked;
    if (card < 0) throw std::runtime_error("no connection");
    auto const at = rows->find(card);
    if (at == rows->end()) return std::nullopt;
    return at->second;
  }
};
std::map<int, std::string> const holders{{1, "ann"}, {2, "bob"}};
std::vector<payment> const payments{{1, 10}, {3, 20}, {2, 30}, {1, 40}, {3, 50}};

std::string text(payment const& p, std::string const& holder) {
  return holder + " " + std::to_string(p.amount);
}
std::string text_or_none(payment const& p, std::string const* holder) {
  return text(p, holder == nullptr ? "nobody" : *holder);
}

template <class F, class... Options>
std::vector<std::string> joined(std::vector<payment> const& all, cards find, F f, Options... options) {
  std::vector<std::string> out;
  weir::run(weir::from(all) | weir::key_by(&payment::card) | weir::lookup_join<"holder">(find, f, options...) |
            weir::into(out));
  return out;
}
using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("lookup_join: inner and left outer, in the order of the records") {
  std::atomic<int> asked = 0;
  cards const find{&holders, &asked};
  CHECK(joined(payments, find, text) == strings{"ann 10", "bob 30", "ann 40"});
  CHECK(joined(payments, find, text_or_none, weir::left_outer) ==
        strings{"ann 10", "nobody 20", "bob 30", "ann 40", "nobody 50"});
}

TEST_CASE("lookup_join: one thread asks once for what is remembered") {
  std::atomic<int> asked = 0;
  cards const find{&holders, &asked};
  weir::async_options const one{.threads = 1};
  auto const count = [&](weir::lookup_cache cache) {
    asked = 0;
    CHECK(joined(payments, find, text, one, cache) == strings{"ann 10", "bob 30", "ann 40"});
    return asked.load();
  };
  CHECK(count({}) == 3);
  CHECK(count({.misses = false}) == 4);  // 3 is asked for twice
  CHECK(count({.entries = 0}) == 5);     // nothing is remembered
  CHECK(count({.entries = 1}) == 5);     // never the one that comes next
  CHECK(count({.entries = 2}) == 5);     // 1, 3 | 2, 3 without 1 | 1, 2 without 3 | 3
  CHECK(count({.ttl = 0s}) == 5);        // over at once
}

TEST_CASE("lookup_join: the one that was asked for longest ago is forgotten first") {
  std::atomic<int> asked = 0;
  cards const find{&holders, &asked};
  std::vector<payment> const all{{1, 1}, {2, 2}, {1, 3}, {3, 4}, {1, 5}, {2, 6}};
  CHECK(joined(all, find, text, weir::async_options{.threads = 1}, weir::lookup_cache{.entries = 2}) ==
        strings{"ann 1", "bob 2", "ann 3", "ann 5", "bob 6"});
  CHECK(asked == 4);  // 2 again at the end, 1 never
}

TEST_CASE("lookup_join: a lookup that fails is tried again, then the run fails; a negative ttl is refused") {
  std::atomic<int> asked = 0;
  cards const find{&holders, &asked};
  CHECK_THROWS_WITH(joined({{-1, 1}}, find, text, weir::async_options{.tries = 3, .pause = 1us}),
                    "no connection");
  CHECK(asked == 3);
  CHECK_THROWS_WITH(joined(payments, find, text, weir::lookup_cache{.ttl = -1s}),
                    Catch::Contains("the ttl of the cache is negative"));
}

TEST_CASE("lookup_join: a table without rows, random payments and many threads") {
  std::atomic<int> asked = 0;
  std::map<int, std::string> const squares = [] {
    std::map<int, std::string> m;
    for (int i = 0; i < 50; i += 2) m[i] = std::to_string(i * i);
    return m;
  }();
  std::vector<payment> all;
  strings want;
  for (int i = 0; i < 2000; ++i) {
    all.push_back({i * 7919 % 53, i});
    if (auto const at = squares.find(all.back().card); at != squares.end())
      want.push_back(text(all.back(), at->second));
  }
  CHECK(joined(all, cards{&squares, &asked}, text, weir::async_options{.capacity = 64, .threads = 3},
               weir::lookup_cache{.entries = 10}) == want);
  std::map<int, std::string> const none;
  CHECK(joined(all, cards{&none, &asked}, text).empty());
}
