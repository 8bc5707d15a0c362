#include <weir/core/is_view.hpp>
#include <weir/core/row.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <array>
#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace is_view_test {

struct place {
  int number = 0;
  std::string_view street;
};
struct person {
  std::string name;
  std::optional<place> address;
};
struct tree {
  int value = 0;
  std::vector<tree> below;
};
struct named_tree {
  std::vector<named_tree> below;
  std::vector<std::string_view> names;
};
struct without_schema {
  std::string_view text;
};
struct incomplete;
// Its rule is a literal.
struct alert {
  std::string_view rule;
  int count = 0;
};

}  // namespace is_view_test

BOOST_HANA_ADAPT_STRUCT(is_view_test::place, number, street);
BOOST_HANA_ADAPT_STRUCT(is_view_test::person, name, address);
BOOST_HANA_ADAPT_STRUCT(is_view_test::tree, value, below);
BOOST_HANA_ADAPT_STRUCT(is_view_test::named_tree, below, names);
BOOST_HANA_ADAPT_STRUCT(is_view_test::alert, rule, count);

template <>
inline constexpr bool weir::outlives_batch<is_view_test::alert> = true;

namespace {

using namespace is_view_test;
using weir::detail::is_view;
using weir::detail::the_field;
using weir::detail::view_in;

template <class T, weir::fixed_string Path>
constexpr bool has_view_at = is_view<T>() && decltype(weir::detail::find_view<T>())::path == Path;

// Fields, through what holds them.
static_assert(has_view_at<place, "street">);
static_assert(has_view_at<person, "address.street">);
static_assert(has_view_at<named_tree, "names">);
static_assert(has_view_at<std::pair<int, std::optional<std::string_view>>, "second">);
static_assert(has_view_at<std::tuple<int, std::string, std::array<place, 2>>, "get<2>.street">);
static_assert(has_view_at<std::map<int, place>, "street">);
static_assert(has_view_at<weir::row<weir::column<"key", int>, weir::column<"note", std::string_view>>, "note">);
// The value itself.
static_assert(has_view_at<std::string_view, "">);
static_assert(has_view_at<std::wstring_view, "">);
static_assert(has_view_at<std::variant<int, std::string_view>, "">);
static_assert(has_view_at<std::vector<std::string_view>, "">);
// What owns its bytes, or cannot be looked into.
static_assert(!is_view<int>() && !is_view<std::string>() && !is_view<tree>() && !is_view<without_schema>());
static_assert(!is_view<std::map<std::string, int, std::less<std::string_view>>>());
static_assert(!is_view<std::shared_ptr<incomplete>>());
// What says that it outlives its batch.
static_assert(!is_view<alert>() && !is_view<std::pair<int, alert>>());

// As an error names it.
static_assert(std::same_as<view_in<place>, the_field<"street">>);
static_assert(std::same_as<view_in<place, "max">, the_field<"max.street">>);
static_assert(std::same_as<view_in<std::string_view, "max">, the_field<"max">>);
static_assert(std::same_as<view_in<std::string_view>, the_field<"(the value itself)">>);
static_assert(view_in<tree>::owns_its_bytes && !view_in<place>::owns_its_bytes);

// What keeps a value beyond the batch refuses it.
template <class Container>
constexpr bool kept = weir::accepts<decltype(weir::into(std::declval<Container&>())),
                                    weir::stream<typename Container::value_type>>;
static_assert(kept<std::vector<std::string>> && kept<std::vector<alert>> && kept<std::vector<tree>>);
static_assert(!kept<std::vector<std::string_view>> && !kept<std::vector<person>>);

}  // namespace

TEST_CASE("a record whose views outlive the run is kept in a container") {
  std::vector<int> const in{1, 2, 3};
  std::vector<alert> out;
  weir::run(weir::from(in) | weir::map([](int i) {
              return alert{i % 2 == 1 ? "odd" : "even", i};
            }) |
            weir::into(out));
  REQUIRE(out.size() == 3);
  CHECK(out[0].rule == "odd");
  CHECK(out[1].rule == "even");
  CHECK(out[2].count == 3);
}
