// broadcast: rules of one pipeline, which all keys of another see.
#include "catch.hpp"
#include "error_of.hpp"

#include <weir/op/broadcast.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;

struct payment {
  std::string user;
  std::int64_t amount;
  weir::timestamp at;
};
BOOST_HANA_ADAPT_STRUCT(payment, user, amount, at);
struct limit {
  std::string name;
  std::int64_t above;  // 0: the rule is gone
  weir::timestamp at;
};
BOOST_HANA_ADAPT_STRUCT(limit, name, above, at);

namespace {

// Sums for each user, and says by which rules the sum is too large; and 10 s after the last payment forgets it.
struct limits {
  using output = std::string;
  weir::value_state<std::int64_t, "sum"> sum;
  weir::value_state<weir::timestamp, "last"> last;
  weir::broadcast_state<std::string, std::int64_t, "limits"> rules;
  auto states() { return std::tie(sum, rules, last); }

  template <class Context, class Emit>
  void on_record(payment const& p, Context& context, Emit const& emit) const {
    sum.get() += p.amount;
    for (auto const& [name, above] : rules)
      if (*sum > above) emit(context.key() + " " + name);
    if (last) context.delete_timer(*last + 10s);
    last.update(p.at);
    context.set_timer(p.at + 10s);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) const {
    emit(context.key() + " forgotten, " + std::to_string(rules.size()));
    sum.clear();
    last.clear();
  }
  template <class Context, class Emit>
  void on_broadcast(limit const& l, Context& context, Emit const& emit) {
    if (l.above < 0)
      context.for_each_key([&](std::string const& key) { emit(key + "=" + std::to_string(*sum)); });
    if (l.above == 0 && l.name == "all")
      rules.clear();
    else if (l.above == 0)
      rules.remove(l.name);
    else
      rules.put(l.name, l.above);
  }
};
auto const rules_of = [](std::vector<limit> const& all) {
  return weir::from(all, weir::uid<"limits">) |
         weir::assign_timestamps(&limit::at, weir::monotonous_timestamps{});
};
auto const chain_with = [](auto const& rules) {
  return weir::key_by(&payment::user) | weir::broadcast<"alerts">(rules, limits{});
};
using alert = weir::timed_value<std::string>;
using alerts = std::vector<alert>;

}  // namespace
template <>
struct Catch::StringMaker<alert> {
  static std::string convert(alert const& a) { return a.value + StringMaker<weir::timestamp>::convert(a.at); }
};
namespace {}  // namespace

TEST_CASE("broadcast: a trace of records, rules and watermarks") {
  auto t = weir::testing::test_driver<payment>(chain_with(rules_of({})));
  t.push({"ann", 5, at(1s)}, at(1s));
  CHECK(t.take().empty());
  t.push_to<"limits">(limit{"low", 4, at(2s)});
  t.push_to<"limits">(limit{"high", 10, at(2s)});
  t.push({"ann", 1, at(3s)}, at(3s));
  CHECK(t.take() == alerts{{"ann low", at(3s)}});
  t.push({"bob", 20, at(4s)}, at(4s));
  CHECK(t.take() == alerts{{"bob high", at(4s)}, {"bob low", at(4s)}});
  t.push_to<"limits">(limit{"low", 0, at(5s)});
  t.push({"ann", 5, at(5s)}, at(5s));
  CHECK(t.take() == alerts{{"ann high", at(5s)}});
  t.watermark(at(100s));
  CHECK(t.take().empty());  // the rules are at 5 s
  t.push_to<"limits">(limit{"x", -1, at(14s)});
  CHECK(t.take() == alerts{{"ann=11", at(14s)}, {"bob=20", at(14s)}});
  t.push_to<"limits">(limit{"all", 0, at(15s)});  // makes the watermark 15 s - 1 us
  CHECK(t.take() == alerts{{"bob forgotten, 0", at(14s)}});
  t.push_to<"limits">(limit{"y", 1, at(15s)});
  t.finish_input<"limits">();
  CHECK(t.take() == alerts{{"ann forgotten, 1", at(15s)}});
  CHECK(weir_test::error_of([&] { t.push_to<"payments">(limit{}); }) ==
        "weir::testing::test_driver: the chain has no source \"payments\" inside, or its records are of "
        "another type");
}

namespace {

struct script {
  std::vector<payment> payments;
  std::vector<limit> limits;
};
script random_script(std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  auto const below = [&](std::uint64_t n) { return static_cast<std::int64_t>(bits() % n); };
  script s;
  std::int64_t now = 0;
  for (std::int64_t n = below(60); n > 0; --n) {
    now += below(4);
    s.payments.push_back(
        {std::string(1, static_cast<char>('a' + below(4))), below(9), at((now + 5 - below(5)) * 1s)});
  }
  now = 0;
  for (std::int64_t n = below(25); n > 0; --n) {
    now += below(9);
    s.limits.push_back({below(9) == 0 ? "all" : std::string(1, static_cast<char>('p' + below(5))),
                        below(3) == 0 ? 0 : below(8) - 1, at(now * 1s)});
  }
  return s;
}

// The same, record by record, as the words of the guide have it.
class naive {
 public:
  explicit naive(script const& all) {
    std::size_t p = 0, l = 0;
    while (!ended_[0] || !ended_[1]) {
      bool const rules = !ended_[1] && (ended_[0] || marks_[1] <= marks_[0]);
      if (rules) {
        if (l < all.limits.size()) rule(all.limits[l++]);
        next(1, l == all.limits.size(), l == 0 ? weir::min_time : all.limits[l - 1].at - weir::tick);
      } else {
        if (p < all.payments.size()) record(all.payments[p++]);
        next(0, p == all.payments.size(), p == 0 ? weir::min_time : all.payments[p - 1].at - 5s - weir::tick);
      }
    }
  }
  alerts out;

 private:
  struct sum {
    std::int64_t amount = 0;
    weir::timestamp last{};
  };
  void record(payment const& p) {
    sum& s = sums_[p.user];
    s.amount += p.amount;
    s.last = p.at;
    for (auto const& [name, above] : rules_)
      if (s.amount > above) out.push_back({p.user + " " + name, p.at});
  }
  void rule(limit const& l) {
    if (l.above < 0)
      for (auto const& [user, s] : sums_) out.push_back({user + "=" + std::to_string(s.amount), l.at});
    if (l.above == 0 && l.name == "all")
      rules_.clear();
    else if (l.above == 0)
      rules_.erase(l.name);
    else
      rules_[l.name] = l.above;
  }
  void next(std::size_t input, bool end, weir::timestamp mark) {
    ended_[input] = end;
    marks_[input] = end ? weir::max_time : std::max(marks_[input], mark);
    weir::timestamp const now = std::min(marks_[0], marks_[1]);
    for (;;) {
      std::pair<weir::timestamp, std::string> first{weir::max_time, ""};
      for (auto const& [user, s] : sums_) first = std::min(first, {s.last + 10s, user});
      if (first.first > now || sums_.empty()) break;
      out.push_back({first.second + " forgotten, " + std::to_string(rules_.size()), first.first});
      sums_.erase(first.second);
    }
  }
  std::map<std::string, sum> sums_;
  std::map<std::string, std::int64_t> rules_;
  weir::timestamp marks_[2]{weir::min_time, weir::min_time};
  bool ended_[2]{};
};

struct with_time {
  using output = alert;
  template <class Context, class Emit>
  void on_record(std::string const& text, Context& context, Emit const& emit) {
    emit(alert{text, context.time()});
  }
};
auto job_of(script const& s, alerts& out) {
  return weir::from(s.payments, weir::uid<"payments">) |
         weir::assign_timestamps(&payment::at, weir::bounded_out_of_orderness{5s}) |
         chain_with(rules_of(s.limits)) | weir::process<"time">(with_time{}) |
         weir::into([&out](alert const& a) { out.push_back(a); });
}

}  // namespace

TEST_CASE("broadcast: random records and rules, at every batch size, as one after the other") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    script const s = random_script(seed);
    alerts const want = naive(s).out;
    for (std::size_t n : {1, 2, 3, 7, 4096}) {
      CAPTURE(n);
      alerts out;
      weir::run(job_of(s, out), weir::batch_size{n});
      REQUIRE(out == want);
    }
  }
}
