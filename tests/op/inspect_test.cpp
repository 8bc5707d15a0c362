#include <weir/op/inspect.hpp>
#include <weir/op/map.hpp>

#include "op/run_through.hpp"

#include <stdexcept>
#include <string>

using namespace weir_test;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace inspect_test {

namespace {

template <class F>
constexpr bool inspects_int = accepts<decltype(weir::inspect(std::declval<F>())), untimed_stream<int>>;
static_assert(inspects_int<decltype([](int) {})>);
static_assert(not inspects_int<decltype([](std::string const&) {})>);
static_assert(not inspects_int<decltype([](int&) {})>);

}  // namespace

TEST_CASE("inspect sees each record where it stands, and passes it on") {
  std::vector<int> const in{1, 2, 3};
  std::vector<int> seen, out;
  weir::run(weir::from(in) | weir::map([](int i) { return i * 10; }) |
            weir::inspect([&](int i) { seen.push_back(i); }) | weir::map([](int i) { return i + 1; }) |
            weir::into(out));
  CHECK(seen == std::vector<int>{10, 20, 30});
  CHECK(out == std::vector<int>{11, 21, 31});
}

TEST_CASE("inspect can stop a run") {
  std::vector<int> const in{1, 2, 3};
  std::vector<int> out;
  CHECK_THROWS_AS(weir::run(weir::from(in) | weir::inspect([](int i) {
                              if (i == 2) throw std::runtime_error("two");
                            }) |
                            weir::into(out)),
                  std::runtime_error);
  CHECK(out == std::vector<int>{1});
}

}  // namespace inspect_test
