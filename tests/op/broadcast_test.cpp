// broadcast: rules of one pipeline, which all keys of another see.
#include "catch.hpp"
#include "error_of.hpp"
#include "op/text_tape.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/checkpoint/fsck.hpp>
#include <weir/checkpoint/inspection.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;
using weir_test::temp_directory;
using weir_test::text_tape;

struct payment {
  std::string user;
  std::int64_t amount;
  weir::timestamp at;
};
BOOST_HANA_ADAPT_STRUCT(payment, user, amount, at);
namespace before {
struct kept {
  std::int32_t value;
};
}  // namespace before
BOOST_HANA_ADAPT_STRUCT(before::kept, value);
struct kept {
  std::int64_t value;
  std::string note = "old";
};
BOOST_HANA_ADAPT_STRUCT(kept, value, note);
struct other_kept {
  std::string value_text;
  std::int64_t value = 0;
};
BOOST_HANA_ADAPT_STRUCT(other_kept, value_text);
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
auto const rules_of = [](std::vector<limit> all) {
  return weir::from(std::move(all), weir::uid<"limits">) |
         weir::assign_timestamps(&limit::at, weir::monotonous_timestamps{});
};
auto const chain_with = [](auto const& rules) {
  return weir::key_by(&payment::user) | weir::broadcast<"alerts">(rules, limits{});
};
using alert = weir_test::timed_text;
using alerts = weir_test::timed_texts;

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

template <class Watch = weir::detail::identity_operation>
auto job_of(script const& s, alerts& out, Watch const& watch = {}) {
  return weir::from(s.payments, weir::uid<"payments">) |
         weir::assign_timestamps(&payment::at, weir::bounded_out_of_orderness{5s}) | watch |
         chain_with(rules_of(s.limits)) | weir::into(text_tape(out), weir::uid<"out">);
}

}  // namespace

TEST_CASE("broadcast: random records and rules, at every batch size, as one after the other") {
  std::size_t seen = 0;
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
    seen += want.size();
  }
  CHECK(seen > 1000);
}

TEST_CASE("broadcast: a driver restored before every step") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    script const s = random_script(seed);
    auto const chain = chain_with(rules_of({}));
    auto const play = [&](bool restored) {
      std::mt19937_64 order(seed);
      alerts out;
      std::string saved = weir::testing::test_driver<payment>(chain).snapshot();
      auto t = std::make_unique<decltype(weir::testing::test_driver<payment>(chain, saved))>(chain, saved);
      std::size_t p = 0, l = 0;
      while (p < s.payments.size() || l < s.limits.size()) {
        if (restored) t = std::make_unique<typename decltype(t)::element_type>(chain, saved);
        if (l == s.limits.size() || (p < s.payments.size() && order() % 2 == 0)) {
          t->push(s.payments[p], s.payments[p].at);
          t->watermark(s.payments[p++].at - 5s);
        } else {
          t->template push_to<"limits">(s.limits[l++]);
        }
        for (alert const& a : t->take()) out.push_back(a);
        if (restored) saved = t->snapshot();
      }
      t->finish();
      for (alert const& a : t->take()) out.push_back(a);
      return out;
    };
    REQUIRE(play(true) == play(false));
  }
}

TEST_CASE("broadcast: stopped after every few records, from the directory and from a savepoint, as one run") {
  for (std::uint64_t seed : {3u, 4u, 7u}) {
    CAPTURE(seed);
    temp_directory const folder;
    script const s = random_script(seed);
    alerts want;
    weir::run(job_of(s, want));
    alerts out;
    std::uint64_t stops = 0;
    for (bool done = false; !done; ++stops) {
      std::stop_source stop;
      weir::job_control const control;
      int left = 3;
      auto const watched = [&](auto const&) {
        if (--left != 0) return;
        control.savepoint(folder / ("save" + std::to_string(stops)));
        stop.request_stop();
      };
      auto const run = [&](auto... policies) {
        // Every third run goes on from the savepoint of the one before.
        auto const state = folder / ("state" + std::to_string(stops / 3));
        return weir::run(job_of(s, out, weir::inspect(watched)), weir::lmdb_store{state},
                         weir::periodic_checkpoints{}, weir::at_least_once, weir::batch_size{1},
                         stop.get_token(), control, policies...);
      };
      weir::run_result const r = stops % 3 == 0 && stops > 0
                                     ? run(weir::from_savepoint{folder / ("save" + std::to_string(stops - 1))})
                                     : run();
      done = r.status == weir::outcome::finished;
    }
    CHECK(stops > 5);
    CHECK(out == want);
    CHECK(weir::fsck(folder / "state1").sound());
  }
}

namespace {

struct known_names {
  using output = std::string;
  using side_outputs = weir::side_outputs<weir::side_output<"unknown", int>>;
  weir::broadcast_state<int, std::string, "names"> names;
  weir::operator_list_state<int, "unknown"> unknown;
  auto states() { return std::tie(names, unknown); }
  template <class Context, class Emit>
  void on_record(int i, Context& context, Emit const& emit) const {
    if (auto const* name = names.get(i))
      emit(*name);
    else
      unknown.add(i), context.side(weir::to<"unknown">, i);
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& name, Context& context, Emit const& emit) {
    names.put(static_cast<int>(name.size()), name);
    emit("new " + name);
    if (name.empty()) context.side(weir::to<"unknown">, 0);
  }
};

}  // namespace

TEST_CASE("broadcast: without key and time the rules are read first") {
  std::vector<int> const numbers{3, 1, 2, 4};
  std::vector<std::string> const names{"a", "", "ccc"};
  for (std::size_t n : {1, 2, 3, 7, 4096}) {
    std::vector<std::string> out;
    std::vector<int> unknown;
    weir::run(weir::from(numbers) | weir::broadcast<"names">(weir::from(names), known_names{}) |
                  weir::side<"unknown">(weir::into(unknown)) | weir::into(out),
              weir::batch_size{n});
    CHECK(out == std::vector<std::string>{"new a", "new ", "new ccc", "ccc", "a"});
    CHECK(unknown == std::vector<int>{0, 2, 4});
  }
}

TEST_CASE("broadcast: in scopes and branches, one behind the other, and what describe says") {
  std::vector<int> const numbers{3, 1};
  std::vector<std::string> const first{"a"}, second{"bb"};
  std::vector<std::string> out, other;
  auto const named = [](auto const& names) {
    return weir::broadcast<"names">(weir::from(names, weir::uid<"source">), known_names{}) |
           weir::discard<"unknown">;
  };
  auto const job = weir::from(numbers, weir::uid<"numbers">) |
                   weir::branch(weir::scoped<"x">(named(first)) |
                                    weir::map([](std::string const& s) { return static_cast<int>(s.size()); }) |
                                    weir::scoped<"y">(named(second)) | weir::into(out, weir::uid<"out">),
                                weir::map([](int i) { return i + 1; }) | weir::scoped<"z">(named(second)) |
                                    weir::into(other, weir::uid<"other">));
  weir::run(job, weir::basic_metrics{});
  CHECK(out == std::vector<std::string>{"new bb"});
  CHECK(other == std::vector<std::string>{"new bb", "bb"});
  CHECK(weir::describe(weir::from(numbers) | named(first)) ==
        "from(range_source)\n"
        "broadcast(known_names) \"names\"\n"
        "  - from(range_source) \"source\"\n"
        "discard(unknown)\n");
}

namespace {

struct writes_at_a_rule {
  using output = int;
  weir::value_state<int, "sum"> sum;
  weir::broadcast_state<int, int, "rules"> rules;
  auto states() { return std::tie(sum, rules); }
  template <class Context, class Emit>
  void on_record(int i, Context&, Emit const&) const {
    sum.get() += i;
  }
  template <class Context, class Emit>
  void on_broadcast(int i, Context& context, Emit const& emit) {
    if (sum) emit(-1);  // never: it is for no key
    context.for_each_key([&](int key) { emit(key * 100 + *sum), sum.clear(); });
    if (i == 0) sum.update(1);
  }
};
struct shows_watermark {
  using output = std::int64_t;
  weir::broadcast_state<int, int, "rules"> rules;
  auto states() { return std::tie(rules); }
  template <class Context, class Emit>
  void on_record(payment const&, Context& context, Emit const& emit) const {
    emit(context.watermark() == weir::min_time ? -1 : weir::ticks(context.watermark()) / 1000000);
  }
  template <class Context, class Emit>
  void on_broadcast(limit const&, Context& context, Emit const& emit) {
    emit(context.watermark() == weir::min_time ? -1 : weir::ticks(context.watermark()) / 1000000);
  }
};

}  // namespace

TEST_CASE("broadcast: the state of keys in on_broadcast is that of for_each_key, and nothing else") {
  auto const chain =
      weir::key_by([](int i) { return i % 10; }) |
      weir::broadcast<"sums">(weir::from(std::vector<int>{}, weir::uid<"rules">), writes_at_a_rule{});
  auto t = weir::testing::test_driver<int, weir::untimed>(chain);
  for (int i : {12, 1, 2, 31}) t.push(i);
  t.push_to<"rules">(1);
  CHECK(t.take() == std::vector<int>{132, 214});
  t.push_to<"rules">(1);
  CHECK(t.take().empty());
  CHECK(weir_test::error_of([&] { t.push_to<"rules">(0); }) ==
        "weir::broadcast(rules, f): on_broadcast of \"sums\" has written the state of a key, and it is for "
        "none; do "
        "that in context.for_each_key(f)");
}

TEST_CASE("broadcast: each record is judged by the least watermark of both, though nothing waits for it") {
  std::vector<payment> const payments{{"a", 0, at(2s)}, {"a", 0, at(4s)}, {"a", 0, at(9s)}, {"a", 0, at(9s)}};
  std::vector<limit> const limits{{"r", 1, at(3s)}, {"r", 1, at(6s)}};
  for (std::size_t n : {1, 2, 3, 7, 4096}) {
    std::vector<std::int64_t> out;
    weir::run(weir::from(payments) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
                  weir::broadcast<"times">(rules_of(limits), shows_watermark{}) | weir::into(out),
              weir::batch_size{n});
    // A rule, 2 s, 4 s, a rule (then they have ended), 9 s, 9 s.
    CHECK(out == std::vector<std::int64_t>{-1, -1, 1, 2, 3, 8});
  }
}

TEST_CASE("broadcast: rules without event time do not hold back that of the records") {
  std::vector<payment> const payments{{"ann", 5, at(1s)}, {"bob", 7, at(2s)}, {"ann", 1, at(20s)}};
  std::vector<limit> const limits{{"low", 4, {}}, {"high", 6, {}}};
  alerts out;
  weir::run(weir::from(payments) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            chain_with(weir::from(limits)) | weir::into(text_tape(out)));
  CHECK(out == alerts{{"ann low", at(1s)},
                      {"bob high", at(2s)},
                      {"bob low", at(2s)},
                      {"ann low", at(20s)},
                      {"bob forgotten, 2", at(12s)},
                      {"ann forgotten, 2", at(30s)}});
  auto t = weir::testing::test_driver<payment>(chain_with(weir::from(limits, weir::uid<"limits">)));
  t.push({"ann", 5, at(1s)}, at(1s));
  t.watermark(at(11s));
  CHECK(t.take() == alerts{{"ann forgotten, 0", at(11s)}});
  t.push_to<"limits">(limit{"x", -1, {}});
  t.push({"ann", 5, at(1s)}, at(12s));
  t.push_to<"limits">(limit{"x", -1, {}});
  CHECK(t.take() == alerts{{"ann x", at(12s)}, {"ann=5", at(11s) + weir::tick}});
}

TEST_CASE("broadcast: each entry is stored by itself") {
  temp_directory const folder;
  std::vector<limit> limits;
  for (int i = 0; i < 300; ++i) limits.push_back({"rule" + std::to_string(1000 + i), i + 1, at(i * 1s)});
  limits.push_back({"rule1007", 0, at(301s)});
  limits.push_back({"rule1008", 77777, at(302s)});
  auto const go = [&](int last) {
    alerts out;
    std::stop_source stop;
    auto const rules = weir::from(limits, weir::uid<"limits">) | weir::inspect([&](limit const& l) {
                         if (l.at == at(last * 1s)) stop.request_stop();
                       });
    std::vector<payment> const payments{{"ann", 77776, at(1s)}};
    weir::run(weir::from(payments, weir::uid<"payments">) |
                  weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) | chain_with(rules) |
                  weir::into(
                      [&out](std::string const& s) {
                        out.push_back({s, {}});
                      },
                      weir::uid<"out">),
              weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
              weir::batch_size{1}, stop.get_token());
    return out;
  };
  auto const entries = [&] {
    std::size_t n = 0;
    weir::inspection in(folder / "state");
    in.for_each([&](weir::stored_entry const& e) {
      n += e.state->name == "limits" && e.state->key_schema == "string";
    });
    return n;
  };
  go(299);
  CHECK(entries() == 300);
  go(302);
  CHECK(entries() == 299);
  CHECK(weir::fsck(folder / "state").sound());
  alerts const last = go(-1);
  CHECK(last.size() == 299);  // by all but rule1008, and then the timer
  CHECK(last.back().value == "ann forgotten, 299");
}

TEST_CASE("broadcast: in a branch, behind a merge and with merged rules") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    script const s = random_script(seed), other = random_script(seed + 1000);
    alerts const want = naive(s).out;
    alerts merged;
    for (std::size_t n : {1, 3, 4096}) {
      CAPTURE(n);
      alerts out, again;
      std::vector<std::string> copies;
      auto const time = weir::assign_timestamps(&payment::at, weir::bounded_out_of_orderness{5s});
      weir::run(weir::from(s.payments) | time |
                    weir::branch(chain_with(rules_of(s.limits)) | weir::into(text_tape(out)),
                                 weir::map(&payment::user) | weir::into(copies)),
                weir::batch_size{n});
      REQUIRE(out == want);
      CHECK(copies.size() == s.payments.size());

      auto const rules = weir::merge(
          weir::from(s.limits) | weir::assign_timestamps(&limit::at, weir::monotonous_timestamps{}),
          weir::from(other.limits) | weir::assign_timestamps(&limit::at, weir::monotonous_timestamps{}));
      auto const sums = [](auto const& from) {
        return weir::key_by(&payment::user) | weir::broadcast(from, limits{});
      };
      weir::run(weir::merge(weir::from(s.payments) | time | sums(rules),
                            weir::from(other.payments) | time | sums(rules_of({}))) |
                    weir::into(text_tape(again)),
                weir::batch_size{n});
      if (n == 1) merged = again;
      REQUIRE(again == merged);
    }
  }
}

namespace {

template <class Kept>
struct two_maps {
  using output = std::string;
  weir::broadcast_state<int, Kept, "first"> first;
  weir::operator_value_state<std::int64_t, "records"> records;
  weir::broadcast_state<std::string, int, "second"> second;
  auto states() { return std::tie(first, records, second); }
  template <class Context, class Emit>
  void on_record(int i, Context&, Emit const& emit) const {
    std::string text = std::to_string(++records.get()) + "/" + std::to_string(second.size());
    if (auto const* k = first.get(i)) {
      text += " " + std::to_string(k->value);
      if constexpr (requires { k->note; }) text += k->note;
    }
    emit(text);
  }
  template <class Context, class Emit>
  void on_broadcast(int i, Context&, Emit const&) {
    Kept k{};
    k.value = i * 10;
    first.put(i, k);
    second.put(std::to_string(i % 2), i);
  }
};

}  // namespace

TEST_CASE("broadcast: several maps in one function, whose values evolve") {
  temp_directory const folder;
  std::vector<int> const rules{1, 2, 3}, records{2, 3, 4, 3};
  auto const go = [&](auto f, int last, auto... policies) {
    std::vector<std::string> out;
    std::stop_source stop;
    weir::run(weir::from(records, weir::uid<"records">) | weir::inspect([&](int i) {
                if (i == last) stop.request_stop();
              }) | weir::broadcast<"maps">(weir::from(rules, weir::uid<"rules">), f) |
                  weir::into(out, weir::uid<"out">),
              weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
              weir::batch_size{1}, stop.get_token(), policies...);
    return out;
  };
  CHECK(go(two_maps<before::kept>{}, 3) == std::vector<std::string>{"1/2 20", "2/2 30"});
  CHECK(go(two_maps<kept>{}, 4) == std::vector<std::string>{"3/2"});
  CHECK(weir_test::error_of([&] { go(two_maps<other_kept>{}, 4); }).find("\"maps/first\"") !=
        std::string::npos);
  CHECK(go(two_maps<kept>{}, -1) == std::vector<std::string>{"4/2 30old"});
}

namespace {

// Without a key: both functions see the same operator state.
struct counted_rules {
  using output = std::string;
  weir::operator_value_state<int, "seen"> seen;
  weir::broadcast_state<int, int, "rules"> rules;
  auto states() { return std::tie(seen, rules); }
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const&) const {
    ++seen.get();
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& rule, Context&, Emit const& emit) {
    int const n = seen ? *seen : 0;
    rules.put(static_cast<int>(rules.size()), n);
    emit(rule + " after " + std::to_string(n));
    if (rule == "reset") seen.clear();
  }
};

}  // namespace

TEST_CASE("broadcast without key: operator state is the same for records and rules") {
  std::vector<std::string> const none;
  auto t = weir::testing::test_driver<int>(
      weir::broadcast<"counts">(weir::from(none, weir::uid<"rules in">), counted_rules{}));
  t.push_to<"rules in">(std::string("first"));
  t.push(1, at(1s)), t.push(2, at(2s));
  t.push_to<"rules in">(std::string("reset"));
  t.push(3, at(3s));
  t.push_to<"rules in">(std::string("last"));
  std::vector<std::string> got;
  for (auto const& o : t.take()) got.push_back(o.value);
  CHECK(got == std::vector<std::string>{"first after 0", "reset after 2", "last after 1"});
}

namespace {

// A rule of 0 reads all keys, one of n > 0 writes the key n, and one of -n clears it.
struct sums_by_key {
  using output = std::string;
  weir::value_state<std::int64_t, "sum"> sum;
  weir::map_state<std::int64_t, std::int64_t, "seen", weir::event_time_ttl> seen{
      weir::event_time_ttl{.after = 1000s}};
  weir::broadcast_state<std::int64_t, std::int64_t, "rules"> rules;
  auto states() { return std::tie(sum, seen, rules); }
  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit const&) const {
    sum.get() += p.amount;
    if (p.amount % 4 == 0) seen.put(p.amount, p.amount);
  }
  template <class Context, class Emit>
  void on_broadcast(limit const& l, Context& context, Emit const& emit) {
    std::int64_t all = 0;
    context.for_each_key([&](std::string const& user) {
      if (l.above != 0 && user == "u" + std::to_string(l.above)) sum.get() += 1000;
      if (l.above != 0 && user == "u" + std::to_string(-l.above)) sum.clear(), seen.clear();
      all += sum.value_or(0);
      for (auto const& [n, m] : seen) all += m;
    });
    emit(l.name + " " + std::to_string(all));
  }
};

}  // namespace

TEST_CASE("broadcast: for_each_key writes only what it has changed") {
  temp_directory const folder;
  std::vector<payment> payments;
  for (int i = 0; i < 100; ++i) payments.push_back({"u" + std::to_string(i), i, at(10s)});
  std::vector<limit> const limits{{"first", 0, at(15s)}, {"reads", 0, at(20s)},   {"again", 0, at(21s)},
                                  {"adds", 5, at(22s)},  {"clears", -8, at(23s)}, {"reads now", 0, at(24s)},
                                  {"last", 0, at(25s)}};
  std::vector<std::string> out;
  // Goes on until one rule more has been heard; how many entries the last commit of that has written.
  auto const written = [&] {
    std::stop_source stop;
    auto const hear = [&](std::string const& s) {
      out.push_back(s);
      stop.request_stop();
    };
    auto const job = weir::from(payments, weir::uid<"payments">) |
                     weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
                     weir::key_by(&payment::user) | weir::broadcast<"sums">(rules_of(limits), sums_by_key{}) |
                     weir::into(hear, weir::uid<"out">);
    return weir::run(job, weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{.every = 1h},
                     weir::at_least_once, weir::batch_size{1}, stop.get_token())
        .store.clean.entries;
  };
  CHECK(written() == 0);
  CHECK(written() == 100);
  CHECK(written() == 0);
  CHECK(written() == 1);
  CHECK(written() == 1);
  CHECK(written() == 0);
  CHECK(out == std::vector<std::string>{"first 0", "reads 6150", "again 6150", "adds 7150", "clears 7134",
                                        "reads now 7134"});
  CHECK(weir::fsck(folder / "state").sound());
}

namespace {

struct shows_expired {
  using output = std::int64_t;
  weir::value_state<std::int64_t, "sum", weir::ttl> sum{
      weir::ttl{.after = 1us, .visibility = weir::ttl_visibility::return_expired_if_not_cleaned_up}};
  weir::broadcast_state<std::int64_t, std::int64_t, "rules"> rules;
  auto states() { return std::tie(sum, rules); }
  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit const&) const {
    sum.update(p.amount);
  }
  template <class Context, class Emit>
  void on_broadcast(limit const& l, Context& context, Emit const& emit) {
    std::int64_t all = 0;
    if (l.above != 0) context.for_each_key([&](std::string const&) { all += sum.value_or(0); });
    emit(all);
    // Until all has expired.
    for (auto const now = std::chrono::system_clock::now(); std::chrono::system_clock::now() < now + 1ms;) {
    }
  }
};

struct walks_within_a_walk {
  using output = std::string;
  weir::value_state<std::int64_t, "sum"> sum;
  weir::broadcast_state<std::int64_t, std::int64_t, "rules"> rules;
  auto states() { return std::tie(sum, rules); }
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const&) const {
    sum.update(1);
  }
  template <class Context, class Emit>
  void on_broadcast(int, Context& context, Emit const& emit) {
    try {
      context.for_each_key([&](int) { context.for_each_key([](int) {}); });
    } catch (weir::error const& e) {
      emit(e.what());
    }
    emit(sum ? "bound to a key" : "bound to none");
    int keys = 0;
    context.for_each_key([&](int) { ++keys; });
    emit(std::to_string(keys));
  }
};

}  // namespace

TEST_CASE("broadcast: what for_each_key meets expired is not met again, whatever the store") {
  temp_directory const folder;
  std::vector<payment> payments;
  for (int i = 0; i < 5; ++i) payments.push_back({"u" + std::to_string(i), 1, at(10s)});
  std::vector<limit> const limits{{"waits", 0, at(20s)}, {"meets", 1, at(21s)}, {"again", 1, at(22s)}};
  std::vector<std::int64_t> out;
  auto const job = weir::from(payments, weir::uid<"payments">) |
                   weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
                   weir::key_by(&payment::user) | weir::broadcast<"sums">(rules_of(limits), shows_expired{}) |
                   weir::into([&](std::int64_t n) { out.push_back(n); }, weir::uid<"out">);
  if (GENERATE(true, false))
    weir::run(job, weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{.every = 1h},
              weir::at_least_once, weir::batch_size{1});
  else
    weir::run(job, weir::batch_size{1});
  REQUIRE(out.size() == 3);
  CHECK(out.back() == 0);
}

TEST_CASE("broadcast: for_each_key inside for_each_key is refused, and the handles are free again") {
  auto const chain =
      weir::key_by([](int i) { return i; }) |
      weir::broadcast<"sums">(weir::from(std::vector<int>{}, weir::uid<"rules">), walks_within_a_walk{});
  auto t = weir::testing::test_driver<int, weir::untimed>(chain);
  t.push(1), t.push(2);
  t.push_to<"rules">(0);
  CHECK(t.take() == std::vector<std::string>{"weir::broadcast(rules, f): \"sums\" calls context.for_each_key "
                                             "inside context.for_each_key; gather the "
                                             "keys in the first, and call the second behind it",
                                             "bound to none", "2"});
}

namespace {

struct copies_the_rules {
  using output = std::size_t;
  weir::broadcast_state<int, int, "rules"> rules;
  auto states() { return std::tie(rules); }
  template <class Context, class Emit>
  void on_record(int i, Context&, Emit const& emit) const {
    auto copy = rules;
    emit(copy.size());
    if (i == 1) copy.put(1, 1);
    if (i == 2) copy.remove(0);
    if (i == 3) copy.clear();
  }
  template <class Context, class Emit>
  void on_broadcast(int i, Context&, Emit const&) {
    rules.put(i, i);
  }
};

}  // namespace

TEST_CASE("broadcast: a copy of a broadcast_state can be read and not written") {
  std::vector<int> const rules{0, 1, 2};
  for (int i : {0, 1, 2, 3}) {
    std::vector<int> const in{i};
    std::vector<std::size_t> out;
    auto const run = [&] {
      weir::run(weir::from(in) | weir::broadcast<"copies">(weir::from(rules), copies_the_rules{}) |
                weir::into(out));
    };
    if (i == 0)
      run();
    else
      CHECK(weir_test::error_of(run) ==
            "weir::broadcast(rules, f): broadcast_state \"rules\" is a copy, or not among states() of f; write "
            "the one that f declares, in on_broadcast");
    CHECK(out == std::vector<std::size_t>{3});
  }
}
