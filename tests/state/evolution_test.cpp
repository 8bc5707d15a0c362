#include <weir/core/decimal.hpp>
#include <weir/core/row.hpp>
#include <weir/state/evolution.hpp>
#include <weir/state/transcoder.hpp>
#include <weir/time.hpp>

#include <map>
#include <set>

#include "catch.hpp"
#include "error_of.hpp"
#include "state/evolved.hpp"
#include "state/hex.hpp"

namespace evolution_test {

enum class narrow : std::uint8_t { one = 1, last = 200 };
enum class wide : std::uint32_t { one = 1, last = 200 };

struct line_v1 {
  std::string item;
  std::int32_t pieces = 0;
  std::string note;
};
struct line_v2 {  // a field widened, one removed, one added
  std::string item;
  std::int64_t pieces = 0;
  double discount = 0.25;
};
struct order_v1 {
  std::string user;
  float amount = 0;
  std::vector<line_v1> lines;
  std::uint16_t flags = 0;
};
struct order_v2 {  // renamed, widened, reordered, made optional
  std::optional<std::uint16_t> flags;
  std::vector<line_v2> lines;
  std::string user_id;
  double amount = 0;
  std::map<std::string, int> tags{{"new", 1}};
};
struct swapped_v1 {
  std::string a;
  std::string c;
};
struct swapped_v2 {  // a became b, and another a came
  std::string b;
  std::string a = "fresh";
  std::string c;
};

struct needs_arguments {
  explicit needs_arguments(int n) : a(n) {}
  std::int64_t a;
  std::int32_t b = 0;
};
struct nothing {};
struct one_more {
  std::int8_t n = 7;
};
}  // namespace evolution_test

BOOST_HANA_ADAPT_STRUCT(evolution_test::line_v1, item, pieces, note);
BOOST_HANA_ADAPT_STRUCT(evolution_test::line_v2, item, pieces, discount);
BOOST_HANA_ADAPT_STRUCT(evolution_test::order_v1, user, amount, lines, flags);
BOOST_HANA_ADAPT_STRUCT(evolution_test::order_v2, flags, lines, user_id, amount, tags);
BOOST_HANA_ADAPT_STRUCT(evolution_test::swapped_v1, a, c);
BOOST_HANA_ADAPT_STRUCT(evolution_test::swapped_v2, b, a, c);
BOOST_HANA_ADAPT_STRUCT(evolution_test::needs_arguments, a, b);
BOOST_HANA_ADAPT_STRUCT(evolution_test::nothing);
BOOST_HANA_ADAPT_STRUCT(evolution_test::one_more, n);

template <>
inline constexpr weir::field_renames weir::renamed_fields<evolution_test::order_v2>{
    weir::renamed_field{.field = "user_id", .was = "login"},
    weir::renamed_field{.field = "user_id", .was = "user"}};
template <>
inline constexpr weir::field_renames weir::renamed_fields<evolution_test::swapped_v2>{
    weir::renamed_field{.field = "b", .was = "a"}};

namespace {

using namespace evolution_test;
using weir::detail::facts_of;
using weir::detail::transcoder;
using weir_test::error_of;
using weir_test::evolved;
using weir_test::from_text;
using weir_test::why_not;

TEST_CASE("evolution: numbers become wider", "[state][evolution]") {
  CHECK(evolved<std::int64_t>(std::int8_t{-3}) == -3);
  CHECK(evolved<std::int64_t>(std::int32_t{-2147483647 - 1}) == -2147483648);
  CHECK(evolved<std::int16_t>(std::uint8_t{200}) == 200);
  CHECK(evolved<std::uint64_t>(std::uint32_t{4294967295u}) == 4294967295u);
  CHECK(evolved<double>(1.5f) == 1.5);
  CHECK(evolved<wide>(narrow::last) == wide::last);
  CHECK(evolved<std::chrono::duration<std::int64_t>>(std::chrono::duration<std::int32_t>(-5)).count() == -5);
  CHECK(evolved<std::chrono::sys_time<std::chrono::duration<std::int64_t>>>(
            std::chrono::sys_time<std::chrono::duration<std::int32_t>>(std::chrono::duration<std::int32_t>(-5)))
            .time_since_epoch()
            .count() == -5);
}

TEST_CASE("evolution: no number becomes narrower or another kind of number", "[state][evolution]") {
  CHECK(why_not<std::int64_t, std::int32_t>() == "int64 became int32");
  CHECK(why_not<std::int32_t, std::uint64_t>() == "int32 became uint64");
  CHECK(why_not<std::uint32_t, std::int32_t>() == "uint32 became int32");
  CHECK(why_not<std::int32_t, double>() == "int32 became float64");
  CHECK(why_not<double, float>() == "float64 became float32");
  CHECK(why_not<bool, int>() == "bool became int32");
  CHECK(why_not<char, int>() == "char became int32");
  CHECK(why_not<narrow, std::uint8_t>() == "enum<uint8> became uint8");
  CHECK(why_not<std::chrono::seconds, std::chrono::minutes>() ==
        "duration<int64,1/1> became duration<int64,60/1>");
  CHECK(why_not<weir::decimal<2>, weir::decimal<3>>() == "decimal<2,int64> became decimal<3,int64>");
  CHECK(from_text<weir::decimal<2>>("decimal<2,int32>").problem() == std::nullopt);
  CHECK(from_text<weir::decimal<2>>("decimal<3,int32>").problem() ==
        "decimal<3,int32> became decimal<2,int64>");
}

TEST_CASE("evolution: what is put together evolves inside", "[state][evolution]") {
  CHECK(evolved<std::optional<std::int64_t>>(std::optional<std::int32_t>(-1)) == std::int64_t{-1});
  CHECK(evolved<std::optional<std::int64_t>>(std::optional<std::int32_t>()) == std::nullopt);
  CHECK(evolved<std::optional<std::int64_t>>(std::int32_t{-1}) == std::int64_t{-1});
  CHECK(evolved<std::vector<std::int64_t>>(std::vector<std::int32_t>{1, -1}) ==
        std::vector<std::int64_t>{1, -1});
  CHECK(evolved<std::vector<std::int64_t>>(std::vector<std::int32_t>{}) == std::vector<std::int64_t>{});
  CHECK(evolved<std::array<double, 2>>(std::array<float, 2>{1, 2}) == std::array<double, 2>{1, 2});
  CHECK(evolved<std::array<double, 0>>(std::array<float, 0>{}) == std::array<double, 0>{});
  CHECK(evolved<std::pair<bool, std::int64_t>>(std::tuple<bool, std::int8_t>(true, std::int8_t{3})) ==
        std::pair<bool, std::int64_t>(true, 3));
  CHECK(evolved<std::map<int, std::optional<double>>>(std::map<int, float>{{1, 2.f}}) ==
        std::map<int, std::optional<double>>{{1, 2.}});
  CHECK(evolved<std::map<std::string, std::map<std::string, std::vector<std::int64_t>>>>(
            std::map<std::string, std::map<std::string, std::vector<std::int8_t>>>{
                {"a", {{"b", {1, -1}}, {"c", {}}}}}) ==
        std::map<std::string, std::map<std::string, std::vector<std::int64_t>>>{
            {"a", {{"b", {1, -1}}, {"c", {}}}}});

  CHECK(why_not<std::array<float, 2>, std::array<double, 3>>() == "array<float32,2> became array<float64,3>");
  CHECK(why_not<std::tuple<int>, std::tuple<int, int>>() == "tuple<int32> became tuple<int32,int32>");
  CHECK(why_not<std::tuple<int, int>, std::tuple<int, bool>>() == "field \"[1]\": int32 became bool");
  CHECK(why_not<std::vector<int>, std::set<int>>() == "list<int32> became set<int32>");
  CHECK(why_not<std::vector<int>, std::vector<bool>>() == "field \"[]\": int32 became bool");
  CHECK(why_not<std::optional<int>, int>() == "optional<int32> became int32");
  CHECK(why_not<std::string, std::optional<int>>() == "string became optional<int32>");
  CHECK(why_not<std::set<int>, std::set<std::int64_t>>() ==
        "field \"[]\": int32 became int64, and the elements of a set must stay as they are");
  CHECK(why_not<std::map<int, float>, std::map<std::int64_t, double>>() ==
        "field \"[key]\": int32 became int64, and the keys of a map must stay as they are");
}

TEST_CASE("evolution: the fields of structs, at any depth", "[state][evolution]") {
  CHECK(weir::codec<order_v1>::schema() ==
        "struct{user:string,amount:float32,lines:list<struct{item:string,pieces:int32,note:string}>,flags:"
        "uint16}");
  CHECK(weir::codec<order_v2>::schema() ==
        "struct{flags:optional<uint16>,lines:list<struct{item:string,pieces:int64,discount:float64}>,user_id:"
        "string,"
        "amount:float64,tags:map<string,int32>}");
  order_v1 const old{"bob", 2.5f, {{"tea", 3, "hot"}, {"cup", -1, ""}}, 7};
  auto const same = [](order_v2 const& now) {
    CHECK(now.flags == std::uint16_t{7});
    CHECK(now.user_id == "bob");
    CHECK(now.amount == 2.5);
    CHECK(now.tags == std::map<std::string, int>{{"new", 1}});
    REQUIRE(now.lines.size() == 2);
    CHECK(now.lines[0].item == "tea");
    CHECK(now.lines[0].pieces == 3);
    CHECK(now.lines[0].discount == 0.25);
    CHECK(now.lines[1].item == "cup");
    CHECK(now.lines[1].pieces == -1);
  };
  same(evolved<order_v2>(old));
  same(evolved<std::vector<order_v2>>(std::vector<order_v1>{old}).at(0));
  same(evolved<std::map<int, std::optional<order_v2>>>(std::map<int, order_v1>{{4, old}}).at(4).value());

  transcoder const change = from_text<std::vector<order_v2>>(weir::codec<std::vector<order_v1>>::schema());
  CHECK(change.dropped() == std::vector<std::string>{"[].lines[].note"});
}

TEST_CASE("evolution: golden bytes", "[state][evolution]") {
  std::string bytes;
  weir::encode(order_v1{"bob", 2.5f, {{"tea", 3, "hot"}}, 7}, bytes);
  CHECK(weir_test::hex(bytes) ==
        "03626f62"
        "00002040"
        "01"
        "03746561"
        "03000000"
        "03686f74"
        "0700");
  weir::byte_reader in(bytes);
  std::string out;
  from_text<order_v2>(weir::codec<order_v1>::schema()).convert(in, out);
  CHECK(weir_test::hex(out) ==
        "010700"
        "01"
        "03746561"
        "0300000000000000"
        "000000000000d03f"
        "03626f62"
        "0000000000000440"
        "01036e657701000000");
}

TEST_CASE("evolution: an old name counts where no field has its name", "[state][evolution]") {
  swapped_v2 const now = evolved<swapped_v2>(swapped_v1{"one", "three"});
  CHECK(now.b == "one");
  CHECK(now.a == "fresh");
  CHECK(now.c == "three");
  CHECK(from_text<swapped_v2>("struct{c:string,b:string,a:string}").dropped().empty());
  CHECK(from_text<order_v2>("struct{login:string,user:string}").dropped() == std::vector<std::string>{"user"});
  CHECK(from_text<order_v2>("struct{user:int32,user_id:string}").dropped() == std::vector<std::string>{"user"});
  CHECK(from_text<order_v2>("struct{user:int32}").problem() == "field \"user_id\": int32 became string");
}

TEST_CASE("evolution: structs without fields", "[state][evolution]") {
  CHECK(evolved<one_more>(nothing{}).n == 7);
  CHECK(evolved<std::vector<one_more>>(std::vector<nothing>(3)).size() == 3);
  CHECK(why_not<one_more, nothing>() == "no field of struct{n:int8} is in struct{}");
  CHECK(why_not<line_v1, one_more>() ==
        "no field of struct{item:string,pieces:int32,note:string} is in struct{n:int8}");
}

TEST_CASE("evolution: every refusal names its field", "[state][evolution]") {
  CHECK(from_text<order_v2>("struct{user:string,amount:string,lines:list<struct{item:string,pieces:float32}>}")
            .problem() ==
        "field \"amount\": string became float64; field \"lines[].pieces\": float32 became int64");
  CHECK(from_text<std::vector<order_v2>>("list<struct{lines:int32}>").problem() ==
        "field \"[].lines\": int32 became list<struct{item:string,pieces:int64,discount:float64}>");
  CHECK(from_text<needs_arguments>("struct{a:int32}").problem() ==
        "field \"b\": was added, and its struct has no default constructor that gives it a value");
  CHECK(from_text<needs_arguments>("struct{b:int16,a:int32}").problem() == std::nullopt);
}

TEST_CASE("evolution: the columns of a row stay, and evolve inside", "[state][evolution]") {
  using before = weir::row<weir::column<"key", std::int32_t>, weir::column<"sum", float>>;
  using after = weir::row<weir::column<"key", std::int64_t>, weir::column<"sum", double>>;
  using more = weir::row<weir::column<"key", std::int32_t>, weir::column<"sum", float>, weir::column<"n", int>>;
  after const now = evolved<after>(before(-4, 1.5f));
  CHECK(now == after(std::int64_t{-4}, 1.5));
  CHECK(why_not<before, more>() ==
        "struct{key:int32,sum:float32} became struct{key:int32,sum:float32,n:int32}, and the columns of a row "
        "must "
        "stay as they are");
  CHECK(why_not<std::vector<more>, std::vector<before>>() ==
        "field \"[]\": struct{key:int32,sum:float32,n:int32} became struct{key:int32,sum:float32}, and the "
        "columns of "
        "a row must stay as they are");
}

}  // namespace
