#include <weir/op/map.hpp>

#include "op/run_through.hpp"

#include <array>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>

using namespace weir_test;
using text = std::vector<std::string>;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace map_test {

namespace {

struct point {
  int x, y;
  int sum() const { return x + y; }
};
template <class F>
constexpr bool maps_int = accepts<decltype(weir::map(std::declval<F>())), untimed_stream<int>>;

constexpr auto half = [](int i) { return i / 2.0; };
static_assert(maps_int<decltype(half)>);
static_assert(not maps_int<decltype([](std::string const&) { return 1; })>);
static_assert(not maps_int<decltype([](int) {})>);                            // gives nothing
static_assert(not maps_int<decltype([](int&) { return 1; })>);                // wants to change the record
static_assert(not maps_int<decltype([i = 0](int) mutable { return i++; })>);  // is not const-callable
static_assert(
    std::same_as<weir::output_of<decltype(weir::map(half)), untimed_stream<int>>, untimed_stream<double>>);
// References are not kept: what comes out is a value.
static_assert(
    std::same_as<weir::output_of<decltype(weir::map(&point::x)), untimed_stream<point>>, untimed_stream<int>>);

}  // namespace

TEST_CASE("map gives f(record) for each record, in order") {
  std::vector<int> const in{1, 2, 3, 4, 5};
  CHECK(run_through<double>(in, weir::map(half)) == std::vector<double>{0.5, 1, 1.5, 2, 2.5});
  CHECK(run_through<int>(std::vector<point>{{1, 2}, {3, 4}}, weir::map(&point::y)) == std::vector<int>{2, 4});
  CHECK(run_through<int>(std::vector<point>{{1, 2}, {3, 4}}, weir::map(&point::sum)) == std::vector<int>{3, 7});
  CHECK(run_through<int>(std::vector<int>{}, weir::map([](int i) { return i; })).empty());
}

TEST_CASE("map takes T&&, T const& or T; what is read stays as it was") {
  text const in{"a string that is long enough for the heap", "b"};
  text const out{"a string that is long enough for the heap!", "b!"};
  CHECK(run_through<std::string>(in, weir::map([](std::string&& s) { return std::move(s) + "!"; })) == out);
  CHECK(run_through<std::string>(in, weir::map([](std::string const& s) { return s + "!"; })) == out);
  CHECK(run_through<std::string>(in, weir::map([](std::string s) { return s + "!"; })) == out);
  CHECK(run_through<std::string>(in, weir::map([](auto&& s) { return std::forward<decltype(s)>(s) + "!"; })) ==
        out);
  CHECK(in[0].size() == out[0].size() - 1);
}

TEST_CASE("map moves what cannot be copied, from a view and from a callable") {
  auto const add = weir::map([](std::unique_ptr<int> p) {
    ++*p;
    return p;
  });
  auto const value = weir::map([](std::unique_ptr<int> const& p) { return *p; });
  std::vector<int> out;
  weir::run(weir::from(std::views::iota(0, 5) |
                       std::views::transform([](int i) { return std::make_unique<int>(i); })) |
                add | add | value | weir::into(out),
            weir::batch_size{2});
  CHECK(out == std::vector<int>{2, 3, 4, 5, 6});

  std::vector<std::unique_ptr<int>> kept;
  auto const source = [i = 0]() mutable -> std::optional<std::unique_ptr<int>> {
    if (i == 5) return {};
    return std::make_unique<int>(i++);
  };
  weir::run(weir::from(source) | add | weir::into(kept), weir::batch_size{2});
  REQUIRE(kept.size() == 5);
  CHECK(*kept[4] == 5);
}

TEST_CASE("map with a function that owns what it captured, and with a large one") {
  std::vector<int> const in{0, 1, 2};
  auto const names = [] {
    text local{"a name that is long enough for the heap", "b", "c"};
    return weir::map([local](int i) { return local[static_cast<std::size_t>(i)]; });
  }();
  CHECK(run_through<std::string>(in, names | weir::map([](std::string const& s) { return s.substr(0, 1); })) ==
        text{"a", "b", "c"});
  std::array<int, 100> table{};
  table[2] = 7;
  CHECK(run_through<int>(in, weir::map([table](int i) { return table[static_cast<std::size_t>(i)]; })) ==
        std::vector<int>{0, 0, 7});
}

TEST_CASE("map: an exception of f comes out of run, after the records before it") {
  std::vector<int> const in{1, 2, 3, 4};
  std::vector<int> out;
  auto const p = weir::from(in) | weir::map([](int i) {
                   if (i == 3) throw std::runtime_error("three");
                   return i;
                 }) |
                 weir::into(out);
  CHECK_THROWS_WITH(weir::run(p), "three");
  CHECK(out == std::vector<int>{1, 2});
}

}  // namespace map_test
