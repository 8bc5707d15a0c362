#include <weir/weir.hpp>

#include <weir/testing.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace weir::literals;

namespace key_by_test {

namespace {

struct payment {
  std::string user;
  int card;
  std::int64_t amount;
  std::string_view note() const { return user; }
};
using payments = weir::stream<payment>;

template <class Op>
using key_after = weir::stored_key_t<
    std::invoke_result_t<typename weir::output_of<Op, payments>::key_fn const&, payment const&>>;
static_assert(std::same_as<key_after<decltype(weir::key_by(&payment::user))>, std::string>);
static_assert(std::same_as<key_after<decltype(weir::key_by(weir::field<&payment::card>))>, int>);
static_assert(std::same_as<key_after<decltype(weir::key_by(&payment::user, &payment::card))>,
                           std::tuple<std::string, int>>);
// A view by itself is a key: a copy of its bytes is kept.
static_assert(std::same_as<key_after<decltype(weir::key_by(&payment::note))>, std::string>);
static_assert(not weir::accepts<decltype(weir::key_by([](int) { return 1; })), payments>);
// map makes other records, to which the key does not belong; filter keeps both.
static_assert(
    weir::output_of<decltype(weir::key_by(&payment::card) | weir::filter([](payment const&) { return true; })),
                    payments>::keyed);
static_assert(
    not weir::output_of<decltype(weir::key_by(&payment::card) | weir::map(&payment::amount)), payments>::keyed);

std::vector<payment> const in{{"ann", 1, 5}, {"bob", 1, 7}, {"ann", 2, 11}, {"ann", 1, 13}};

// What each key has come to after each record.
template <class... F>
std::vector<std::int64_t> sums(F... key) {
  std::vector<std::int64_t> out;
  weir::run(weir::from(in) | weir::key_by(key...) | weir::reduce([](payment a, payment const& b) {
              a.amount += b.amount;
              return a;
            }) |
            weir::map(&payment::amount) | weir::into(out));
  return out;
}

}  // namespace

TEST_CASE("each key has a state of its own, however the key is given") {
  std::vector<std::int64_t> const by_user{5, 7, 16, 29}, by_card{5, 12, 11, 25}, by_both{5, 7, 11, 18};
  CHECK(sums(&payment::user) == by_user);
  CHECK(sums(weir::field<&payment::user>) == by_user);
  CHECK(sums([](payment const& p) { return p.user; }) == by_user);
  CHECK(sums(&payment::note) == by_user);
  CHECK(sums(&payment::card) == by_card);
  CHECK(sums(&payment::user, &payment::card) == by_both);
  CHECK(sums([](payment const& p) { return std::pair(p.card, p.user); }) == by_both);
  CHECK(sums([](payment const&) { return 0; }) == std::vector<std::int64_t>{5, 12, 23, 36});
}

TEST_CASE("a later key_by replaces an earlier one") {
  std::vector<std::int64_t> out;
  weir::run(weir::from(in) | weir::key_by(&payment::user) | weir::key_by(&payment::card) |
            weir::reduce([](payment a, payment const& b) {
              a.amount += b.amount;
              return a;
            }) |
            weir::map(&payment::amount) | weir::into(out));
  CHECK(out == std::vector<std::int64_t>{5, 12, 11, 25});
}

}  // namespace key_by_test
