#include <weir/op/filter.hpp>
#include <weir/op/flat_map.hpp>
#include <weir/op/map.hpp>

#include "op/run_through.hpp"

#include <memory>
#include <ranges>
#include <string>
#include <string_view>

using namespace weir_test;
using text = std::vector<std::string>;

// g++ 12 gives templates over generic lambdas in test cases one name in all files: each file has a namespace of its own.
namespace flat_map_test {

namespace {

template <class Op>
constexpr bool takes_int = accepts<Op, untimed_stream<int>>;

constexpr auto twice = [](int i, auto&& emit) { emit(i), emit(i); };
constexpr auto up_to = [](int n) { return std::views::iota(0, n); };
static_assert(takes_int<decltype(weir::flat_map<int>(twice))>);
static_assert(takes_int<decltype(weir::flat_map(up_to))>);
static_assert(not takes_int<decltype(weir::flat_map(twice))>);  // nothing says what comes out
static_assert(not takes_int<decltype(weir::flat_map<int>([](int i) { return i; }))>);
static_assert(not takes_int<decltype(weir::flat_map([](int i) { return i; }))>);
static_assert(not takes_int<decltype(weir::flat_map<int>([](std::string const&, auto&& emit) { emit(1); }))>);
static_assert(
    std::same_as<weir::output_of<decltype(weir::flat_map(up_to)), untimed_stream<int>>, untimed_stream<int>>);

}  // namespace

TEST_CASE("flat_map gives what f emits or the elements of the range it gives, in order") {
  std::vector<int> const in{1, 0, 3};
  CHECK(run_through<int>(in, weir::flat_map<int>(twice)) == std::vector<int>{1, 1, 0, 0, 3, 3});
  CHECK(run_through<int>(in, weir::flat_map(up_to)) == std::vector<int>{0, 0, 1, 2});
  CHECK(run_through<int>(in, weir::flat_map(up_to) | weir::filter([](int i) { return i > 0; }) |
                                 weir::flat_map<int>(twice)) == std::vector<int>{1, 1, 2, 2});
  CHECK(run_through<int>(in, weir::flat_map<int>([](int, auto&&) {})).empty());
}

TEST_CASE("flat_map: what is emitted becomes the type that was said") {
  auto const sizes = weir::map([](auto const& s) { return s.size(); });  // a member that only std::string has
  CHECK(run_through<std::size_t>(std::vector<int>{1, 2}, weir::flat_map<std::string>([](int, auto&& emit) {
                                                           emit("abc");
                                                           emit(std::string_view("de"));
                                                           emit(std::string("f"));
                                                         }) | sizes) ==
        std::vector<std::size_t>{3, 2, 1, 3, 2, 1});
  CHECK(run_through<bool>(std::vector<int>{1}, weir::flat_map([](int) {
                            return std::vector<bool>{true, false};
                          })) == std::vector<bool>{true, false});
}

TEST_CASE("flat_map moves only what nobody holds") {
  text const in{"a string that is long enough for the heap"};
  auto const take = weir::map([](auto&& s) { return std::string(std::forward<decltype(s)>(s)); });
  CHECK(run_through<std::string>(in, weir::flat_map<std::string>([](std::string&& s, auto&& emit) {
                                       emit(s);  // still its own
                                       emit(s);
                                       emit(std::move(s));
                                     }) | take) == text{in[0], in[0], in[0]});
  CHECK(run_through<std::string>(in, weir::flat_map([](std::string const& s) {
                                       return text{s, s};
                                     }) | take) == text{in[0], in[0]});
  std::vector<int> out;
  weir::run(weir::from(std::vector<int>{1, 2}) | weir::flat_map<std::unique_ptr<int>>([](int i, auto&& emit) {
              emit(std::make_unique<int>(i));
              emit(std::make_unique<int>(-i));
            }) |
            weir::map([](std::unique_ptr<int> p) { return *p; }) | weir::into(out));
  CHECK(out == std::vector<int>{1, -1, 2, -2});
}

TEST_CASE("flat_map: a range that views its record") {
  text const in{"a bc", "d"};
  auto const words = [](std::string&& s) {
    return std::views::split(s, ' ') |
           std::views::transform([](auto const& w) { return std::string(w.begin(), w.end()); });
  };
  CHECK(run_through<std::string>(in, weir::flat_map(words)) == text{"a", "bc", "d"});
}

}  // namespace flat_map_test
