#include "catch.hpp"

#include <weir/weir.hpp>

#include <range/v3/view/concat.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>

#include <forward_list>
#include <memory>
#include <ranges>
#include <string>
#include <vector>

namespace {

template <class Range>
auto all_of(Range&& range, std::size_t batch) {
  std::vector<std::ranges::range_value_t<std::remove_cvref_t<Range>>> out;
  auto const result = weir::run(weir::from(std::forward<Range>(range), weir::uid<"in">) | weir::into(out),
                                weir::batch_size{batch});
  CHECK(result.count("in", "out") == out.size());
  return out;
}

}  // namespace

TEST_CASE("a range is a source, whatever it is") {
  std::size_t const batch = GENERATE(1u, 3u, 4096u);
  std::vector<int> const numbers{1, 2, 3, 4, 5, 6, 7};

  SECTION("a container that is referred to") { CHECK(all_of(numbers, batch) == numbers); }
  SECTION("a container that is given away") { CHECK(all_of(std::vector(numbers), batch) == numbers); }
  SECTION("one without random access") {
    CHECK(all_of(std::forward_list<std::string>{"a", "b", "c", "d"}, batch) ==
          std::vector<std::string>{"a", "b", "c", "d"});
  }
  SECTION("an empty one") { CHECK(all_of(std::vector<int>{}, batch).empty()); }
  SECTION("a view of std::ranges that changes while it is read") {
    auto odd = numbers | std::views::filter([](int x) { return x % 2 == 1; });
    CHECK(all_of(odd, batch) == std::vector{1, 3, 5, 7});
    CHECK(all_of(odd | std::views::transform([](int x) { return x * x; }), batch) == std::vector{1, 9, 25, 49});
  }
  SECTION("a view of range-v3") {
    namespace views = ranges::views;
    auto odd_squares = views::iota(1, 8) | views::filter([](int x) { return x % 2 == 1; }) |
                       views::transform([](int x) { return x * x; });
    CHECK(all_of(odd_squares, batch) == std::vector{1, 9, 25, 49});
    CHECK(all_of(views::concat(numbers, numbers) | views::filter([](int x) { return x > 5; }), batch) ==
          std::vector{6, 7, 6, 7});
  }
}

TEST_CASE("a pipeline from a range can be run twice") {
  std::vector<int> out;
  auto const pipeline = weir::from(std::vector{3, 4}) | weir::into(out);
  weir::run(pipeline);
  weir::run(pipeline);
  CHECK(out == std::vector{3, 4, 3, 4});
}
