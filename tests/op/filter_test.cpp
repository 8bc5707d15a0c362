#include <weir/op/filter.hpp>

#include "op/run_through.hpp"

#include <optional>
#include <string>

using namespace weir_test;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace filter_test {

namespace {

struct payment {
  bool approved;
  int amount;
  bool operator==(payment const&) const = default;
};
template <class F>
constexpr bool filters_int = accepts<decltype(weir::filter(std::declval<F>())), untimed_stream<int>>;

constexpr auto odd = [](int i) { return i % 2 != 0; };
static_assert(filters_int<decltype(odd)>);
static_assert(filters_int<decltype([](int i) { return i; })>);
static_assert(filters_int<decltype([](int) { return std::true_type{}; })>);
static_assert(not filters_int<decltype([](std::string const&) { return true; })>);
static_assert(not filters_int<decltype([](int) {})>);
static_assert(not filters_int<decltype([](int) { return std::string(); })>);
static_assert(not filters_int<decltype([](int&&) { return true; })>);  // it only looks
static_assert(not filters_int<decltype([](int&) { return true; })>);
// The stream stays what it is, key, time and side outputs.
using full =
    weir::stream<int, true, decltype(odd), weir::none, weir::outlets<weir::outlet<"late", weir::stream<int>>>>;
static_assert(std::same_as<weir::output_of<decltype(weir::filter(odd)), full>, full>);

}  // namespace

TEST_CASE("filter lets through the records for which p is true, in order") {
  CHECK(run_through<int>(std::vector<int>{1, 2, 3, 4, 5}, weir::filter(odd)) == std::vector<int>{1, 3, 5});
  CHECK(run_through<int>(std::vector<int>{1, 2, 3}, weir::filter([](int) { return false; })).empty());
  CHECK(run_through<int>(std::vector<int>{}, weir::filter(odd)).empty());
  std::vector<payment> const in{{true, 1}, {false, 2}, {true, 3}};
  CHECK(run_through<payment>(in, weir::filter(&payment::approved)) ==
        std::vector<payment>{{true, 1}, {true, 3}});
}

TEST_CASE("filter after filter is one that asks both, the second only when the first says yes") {
  int asked = 0;
  std::vector<int> const in{1, 2, 3, 4, 5};
  std::vector<int> out;
  weir::run(weir::from(in) | weir::filter(odd) | weir::filter([&](int i) {
              ++asked;
              return i > 2;
            }) |
            weir::into(out));
  CHECK(out == std::vector<int>{3, 5});
  CHECK(asked == 3);
}

}  // namespace filter_test
