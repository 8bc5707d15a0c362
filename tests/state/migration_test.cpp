#include <weir/state/evolution.hpp>
#include <weir/state/transcoder.hpp>

#include <map>

#include "catch.hpp"
#include "error_of.hpp"
#include "state/evolved.hpp"

namespace migration_test {

// A chain: the amount in euros, then in cents, then with a currency.
struct euros {
  double amount = 0;
};
struct cents {
  std::int32_t cents = 0;
};
struct money {
  std::int64_t cents = 0;
  std::string currency = "none";
};
struct purse {
  std::string owner;
  money content;
};
struct old_purse {
  std::string owner;
  euros content;
};

struct own {
  std::int32_t n = 0;
};
struct own_then {
  own first;
  std::int64_t then = 0;
};
struct own_then_v1 {
  own first;
  std::int32_t then = 0;
};
struct tree {
  std::int32_t n = 0;
  std::vector<tree> below;
};
struct wood {
  std::vector<tree> trees;
  std::int64_t area = 0;
};
struct here {
  int n = 0;
};
struct there {
  std::string s;
};

}  // namespace migration_test

BOOST_HANA_ADAPT_STRUCT(migration_test::euros, amount);
BOOST_HANA_ADAPT_STRUCT(migration_test::cents, cents);
BOOST_HANA_ADAPT_STRUCT(migration_test::money, cents, currency);
BOOST_HANA_ADAPT_STRUCT(migration_test::purse, owner, content);
BOOST_HANA_ADAPT_STRUCT(migration_test::old_purse, owner, content);
BOOST_HANA_ADAPT_STRUCT(migration_test::own_then, first, then);
BOOST_HANA_ADAPT_STRUCT(migration_test::own_then_v1, first, then);
BOOST_HANA_ADAPT_STRUCT(migration_test::here, n);
BOOST_HANA_ADAPT_STRUCT(migration_test::there, s);
BOOST_HANA_ADAPT_STRUCT(migration_test::tree, n, below);
BOOST_HANA_ADAPT_STRUCT(migration_test::wood, trees, area);

template <>
struct weir::migration<migration_test::cents> {
  using from = migration_test::euros;
  static migration_test::cents migrate(from const& old) {
    return {static_cast<std::int32_t>(old.amount * 100)};
  }
};
template <>
struct weir::migration<migration_test::money> {
  using from = migration_test::cents;
  static migration_test::money migrate(from const& old) {
    if (old.cents < 0) throw weir::restore_error("a debt");
    return {old.cents, "EUR"};
  }
};
// Each is the past of the other.
template <>
struct weir::migration<migration_test::here> {
  using from = migration_test::there;
  static migration_test::here migrate(from const& old) { return {std::stoi(old.s)}; }
};
template <>
struct weir::migration<migration_test::there> {
  using from = migration_test::here;
  static migration_test::there migrate(from const& old) { return {std::to_string(old.n)}; }
};
template <>
struct weir::codec<migration_test::own> {
  static void encode(migration_test::own const& o, std::string& out) {
    weir::encode(std::string(o.n, '*'), out);
  }
  static void decode(byte_reader& in, migration_test::own& o) {
    std::string stars;
    codec<std::string>::decode(in, stars);
    o.n = static_cast<std::int32_t>(stars.size());
  }
  static std::string schema() { return "own"; }
};

// It has fields, and none that could be named: the text would have no end.
template <>
struct weir::codec<migration_test::tree> {
  static void encode(migration_test::tree const& t, std::string& out) {
    codec<std::int32_t>::encode(t.n, out);
    codec<std::vector<migration_test::tree>>::encode(t.below, out);
  }
  static void decode(byte_reader& in, migration_test::tree& t) {
    codec<std::int32_t>::decode(in, t.n);
    codec<std::vector<migration_test::tree>>::decode(in, t.below);
  }
  static std::string schema() { return "tree"; }
};

namespace {

using namespace migration_test;
using weir::detail::facts_of;
using weir::detail::transcoder;
using weir_test::error_of;
using weir_test::evolved;
using weir_test::from_text;
using weir_test::why_not;

TEST_CASE("evolution: types with a codec of their own", "[state][evolution]") {
  own_then const now = evolved<own_then>(own_then_v1{{3}, -4});
  CHECK(now.first.n == 3);
  CHECK(now.then == -4);
  CHECK(evolved<own>(own{5}).n == 5);
  CHECK(evolved<std::map<int, std::vector<own>>>(std::map<int, std::vector<own>>{{1, {{2}, {3}}}}).at(1)[1].n ==
        3);
  CHECK(why_not<own, int>() == "own became int32");
  CHECK(why_not<int, own>() == "int32 became own");
  CHECK(from_text<own>("other").problem() == "other became own");
  CHECK(from_text<own_then>("struct{first:other,then:int32}").problem() == "field \"first\": other became own");
  CHECK(from_text<own_then>("struct{then:int32,gone:own}").problem() ==
        "field \"gone\": was removed, and own has a codec of its own, so what follows it cannot be found");
  // Without the type only its text is there.
  weir::detail::evolution_facts const text_only{.schema = "list<struct{a:own,b:int64}>"};
  CHECK(transcoder("list<struct{a:own,b:int32}>", text_only).problem() ==
        "field \"[].a\": own has a codec of its own, so what follows it cannot be found");
  CHECK(transcoder("list<struct{b:int32}>", {.schema = "list<struct{b:int64}>"}).problem() == std::nullopt);
}

TEST_CASE("evolution: a type that holds itself", "[state][evolution]") {
  std::string bytes;
  weir::encode(std::make_pair(std::vector<tree>{{1, {{2, {}}, {3, {{4, {}}}}}}, {5, {}}}, std::int32_t{6}),
               bytes);
  weir::byte_reader in(bytes);
  std::string out;
  from_text<wood>("struct{trees:list<tree>,area:int32}").convert(in, out);
  in.finish();
  wood made;
  weir::decode(out, made);
  CHECK(made.trees.at(0).below.at(1).below.at(0).n == 4);
  CHECK(made.area == 6);
  CHECK(from_text<wood>("struct{trees:list<bush>}").problem() == "field \"trees[]\": bush became tree");
}

TEST_CASE("evolution: migrations, one after the other and inside of other types", "[state][evolution]") {
  CHECK(evolved<cents>(euros{2.5}).cents == 250);
  money const now = evolved<money>(euros{2.5});
  CHECK(now.cents == 250);
  CHECK(now.currency == "EUR");
  CHECK(evolved<money>(cents{7}).currency == "EUR");  // and not the default, though the names alone would do
  CHECK(evolved<money>(money{7, "USD"}).currency == "USD");
  purse const filled = evolved<std::vector<purse>>(std::vector<old_purse>{{"bob", {1.25}}}).at(0);
  CHECK(filled.owner == "bob");
  CHECK(filled.content.cents == 125);
  CHECK(evolved<std::optional<money>>(euros{1}).value().cents == 100);
  // Values between two versions: of euros, but narrower and with a field that went.
  transcoder const change = from_text<money>("struct{note:string,amount:float32}");
  CHECK(change.problem() == std::nullopt);
  CHECK(change.dropped() == std::vector<std::string>{"note"});
  std::string bytes;
  weir::encode(std::make_pair(std::string("x"), 2.5f), bytes);
  weir::byte_reader in(bytes);
  std::string out;
  change.convert(in, out);
  in.finish();
  money made;
  weir::decode(out, made);
  CHECK(made.cents == 250);
  CHECK(made.currency == "EUR");

  CHECK(
      from_text<purse>("struct{owner:string,content:struct{amount:string}}").problem() ==
      "field \"content\": no field of struct{amount:string} is in struct{cents:int64,currency:string}; nor can "
      "it be migrated: field \"content\": no field of struct{amount:string} is in struct{cents:int32}; nor can "
      "it be "
      "migrated: field \"content.amount\": string became float64");
  std::string debt;
  weir::encode(cents{-1}, debt);
  weir::byte_reader of_debt(debt);
  CHECK(error_of<weir::restore_error>(
            [&] { from_text<money>(weir::codec<cents>::schema()).convert(of_debt, out); }) == "a debt");
}

TEST_CASE("evolution: two types may be the past of each other", "[state][evolution]") {
  CHECK(evolved<here>(there{"12"}).n == 12);
  CHECK(evolved<there>(here{12}).s == "12");
  CHECK(why_not<euros, here>() ==
        "no field of struct{amount:float64} is in struct{n:int32}; nor can it be migrated: no field of "
        "struct{amount:float64} is in struct{s:string}");
}

}  // namespace
