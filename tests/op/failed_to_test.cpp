// skip_failed and failed_to: nothing is lost, and nothing that is not the record's fault is taken for it.
#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace failed_to_test {

namespace {

struct reading {
  std::string sensor;
  std::int64_t value;
  weir::timestamp at{};
  bool operator==(reading const&) const = default;
};

// A function that fails for some numbers.
struct picky {
  std::int64_t bad;
  std::int64_t operator()(std::int64_t n) const {
    if (n % bad == 0) throw std::runtime_error("no " + std::to_string(n));
    return n;
  }
};
std::vector<std::int64_t> up_to(std::int64_t n) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 1; i <= n; ++i) all.push_back(i);
  return all;
}
using letters = std::vector<weir::failed_record<std::int64_t>>;
using numbers = std::vector<std::int64_t>;

numbers records_of(letters const& all) {
  numbers out;
  for (auto const& l : all) out.push_back(l.record);
  return out;
}

}  // namespace

TEST_CASE("map | failed_to: what fails goes to the side output, with what was thrown, and the rest goes on") {
  numbers out;
  letters bad;
  auto const result = weir::run(weir::from(up_to(7)) | weir::map(picky{3}) | weir::uid<"pick"> |
                                weir::failed_to<"bad"> | weir::side<"bad">(weir::into(bad)) | weir::into(out));
  CHECK(out == numbers{1, 2, 4, 5, 7});
  REQUIRE(bad.size() == 2);
  CHECK(bad[0] == weir::failed_record<std::int64_t>{"pick", "no 3", std::nullopt, 3});
  CHECK(bad[1].record == 6);
  CHECK(result.count("pick", "failed") == 2);
}

TEST_CASE("skip_failed: counted and left out; the uid may stand on either side") {
  numbers out, other;
  auto const one = weir::run(weir::from(up_to(7)) | weir::map(picky{3}) | weir::skip_failed |
                             weir::uid<"pick"> | weir::into(out));
  auto const two = weir::run(weir::from(up_to(7)) |
                             weir::scoped<"s">(weir::map(picky{3}) | weir::uid<"pick"> | weir::skip_failed) |
                             weir::into(other));
  CHECK(out == numbers{1, 2, 4, 5, 7});
  CHECK(out == other);
  CHECK(one.count("pick", "failed") == 2);
  CHECK(two.count("s/pick", "failed") == 2);
}

TEST_CASE("filter, flat_map, inspect: the same") {
  auto const test = picky{3};
  auto const check = [](auto const& op, numbers const& expected) {
    numbers out;
    letters bad;
    weir::run(weir::from(up_to(7)) | op | weir::failed_to<"bad"> | weir::side<"bad">(weir::into(bad)) |
              weir::into(out));
    CHECK(out == expected);
    CHECK(records_of(bad) == numbers{3, 6});
  };
  check(weir::filter([test](std::int64_t n) { return test(n) != 4; }), {1, 2, 5, 7});
  check(weir::inspect([test](std::int64_t n) { test(n); }), {1, 2, 4, 5, 7});
  // What it has emitted stays emitted.
  check(weir::flat_map<std::int64_t>([test](std::int64_t n, auto const& emit) {
          emit(n);
          test(n);
          emit(-n);
        }),
        {1, -1, 2, -2, 3, 4, -4, 5, -5, 6, 7, -7});
  check(weir::flat_map([test](std::int64_t n) { return numbers{test(n), n}; }), {1, 1, 2, 2, 4, 4, 5, 5, 7, 7});
}

TEST_CASE("what is thrown behind the operator is not taken for its own") {
  auto const fails_at = [](std::int64_t n) {
    return [n](std::int64_t i) {
      if (i == n) throw std::runtime_error("behind");
    };
  };
  auto const guarded = weir::flat_map<std::int64_t>([](std::int64_t n, auto const& emit) {
                         emit(n);
                         emit(n * 10);
                       }) |
                       weir::skip_failed;
  numbers out;
  CHECK_THROWS_WITH(weir::run(weir::from(up_to(7)) | guarded | weir::inspect(fails_at(40)) | weir::into(out)),
                    "behind");
  CHECK(out == numbers{1, 10, 2, 20, 3, 30, 4});
  // In a side output of the operator itself, in the chain of its dead letters, and between two guarded operators.
  letters bad;
  CHECK_THROWS_WITH(weir::run(weir::from(up_to(7)) | weir::map(picky{3}) | weir::failed_to<"bad"> |
                              weir::side<"bad">(weir::inspect([](auto const&) {
                                                  throw std::runtime_error("in the letters");
                                                }) |
                                                weir::into(bad)) |
                              weir::into(out)),
                    "in the letters");
  out.clear();
  weir::run(weir::from(up_to(7)) | weir::map(picky{3}) | weir::failed_to<"bad"> | weir::map(picky{5}) |
            weir::failed_to<"bad"> | weir::side<"bad">(weir::into(bad)) | weir::into(out));
  CHECK(out == numbers{1, 2, 4, 7});
  CHECK(records_of(bad) == numbers{3, 5, 6});
}

TEST_CASE("what is wrong with the state, the program or the machine is not the record's fault") {
  auto const throws = []<class E>(E const& e) {
    numbers out;
    weir::run(weir::from(up_to(3)) | weir::map([e](std::int64_t n) {
                if (n == 2) throw e;
                return n;
              }) |
              weir::skip_failed | weir::into(out));
    return out;
  };
  CHECK_THROWS_AS(throws(weir::store_error("disk")), weir::store_error);
  CHECK_THROWS_AS(throws(weir::config_error("program")), weir::config_error);
  CHECK_THROWS_AS(throws(std::bad_alloc()), std::bad_alloc);
  CHECK(throws(weir::format_error("text")) == numbers{1, 3});
  CHECK(throws(7) == numbers{1, 3});
}

TEST_CASE("skip_failed lets go of records that can only be moved") {
  std::vector<std::unique_ptr<int>> out;
  auto const source = [i = 0]() mutable -> std::optional<std::unique_ptr<int>> {
    if (i == 5) return {};
    return std::make_unique<int>(i++);
  };
  weir::run(weir::from(source) | weir::map([](std::unique_ptr<int> p) {
              if (*p == 2) throw 2;
              return p;
            }) |
            weir::skip_failed | weir::into(out));
  CHECK(out.size() == 4);
}

TEST_CASE("failed_to keeps the record as it came in, whatever the function has done with it") {
  std::vector<reading> const in{{"a sensor with a name that needs the heap", 1},
                                {"another one of that kind", 0}};
  std::vector<reading> out;
  std::vector<weir::failed_record<reading>> bad;
  weir::run(weir::from([in, i = std::size_t{0}]() mutable -> std::optional<reading> {
              if (i == in.size()) return {};
              return in[i++];
            }) |
            weir::map([](reading r) {
              reading const mine = std::move(r);
              if (mine.value == 0) throw std::runtime_error("zero");
              return mine;
            }) |
            weir::failed_to<"bad"> | weir::side<"bad">(weir::into(bad)) | weir::into(out));
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].record == in[1]);
}

TEST_CASE("a record of which the time cannot be told makes no watermark") {
  auto const time_of = [](reading const& r) {
    if (r.value < 0) throw std::runtime_error("no time");
    return r.at;
  };
  auto const chain = weir::assign_timestamps(time_of, weir::monotonous_timestamps{}) | weir::failed_to<"bad"> |
                     weir::key_by(&reading::sensor) | weir::window(weir::tumbling_windows{.size = 10s}) |
                     weir::aggregate(weir::count()) | weir::uid<"count">;
  auto t = weir::testing::test_driver<reading, weir::untimed>(chain);
  t.push({"a", 1, at(1s)});
  t.push({"a", -1, at(100s)});
  t.push({"a", 1, at(2s)});
  CHECK(t.take().empty());
  t.push({"a", 1, at(12s)});
  auto const out = t.take();
  auto const bad = t.take_side<"bad">();
  // The record that follows sees it.
  t.push({"a", 1, at(13s)});
  auto const more = t.take();
  REQUIRE(out.size() + more.size() == 1);
  CHECK((out.empty() ? more : out)[0].value["count"_c] == 2);
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].at == std::nullopt);
}

namespace {

// Adds up; a record of 13 fails when it has set a timer, one of 0 after it has emitted.
struct summing {
  using output = std::int64_t;
  using side_outputs = weir::side_outputs<weir::side_output<"seen", std::int64_t>>;
  weir::value_state<std::int64_t, "sum"> sum;
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const& emit) {
    context.side(weir::to<"seen">, r.value);
    sum.get() += r.value;
    if (r.value == 13) {
      context.set_timer(context.time() + 1s);
      throw std::runtime_error("thirteen");
    }
    emit(*sum);
    if (r.value == 0) throw std::runtime_error("zero");
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context&, Emit const& emit) {
    emit(-*sum);
  }
};

}  // namespace

TEST_CASE("process: what it did before it threw stays, and its timers come in time") {
  auto const chain = weir::key_by(&reading::sensor) | weir::process<"sum">(summing{}) | weir::failed_to<"bad"> |
                     weir::discard<"seen">;
  auto t = weir::testing::test_driver<reading>(chain);
  t.push({"a", 1}, at(1s));
  t.push({"a", 13}, at(2s));
  t.push({"a", 0}, at(2s));
  t.watermark(at(3s));
  t.push({"a", 1}, at(4s));
  std::vector<std::int64_t> values;
  for (auto const& o : t.take()) values.push_back(o.value);
  CHECK(values == numbers{1, 14, -14, 15});
  auto const bad = t.take_side<"bad">();
  REQUIRE(bad.size() == 2);
  CHECK(bad[0].value == weir::failed_record<reading>{"sum", "thirteen", at(2s), {"a", 13}});
  CHECK(bad[0].at == at(2s));
  CHECK(bad[1].value.error == "zero");
  CHECK(t.count("sum", "failed") == 2);
}

TEST_CASE("process: its side outputs are behind it") {
  std::vector<std::int64_t> out;
  auto const chain =
      weir::key_by(&reading::sensor) | weir::process<"sum">(summing{}) | weir::skip_failed |
      weir::side<"seen">(weir::into([](std::int64_t) { throw std::runtime_error("the sink is full"); })) |
      weir::into(out);
  auto t = weir::testing::test_driver<reading>(chain);
  CHECK_THROWS_WITH(t.push({"a", 1}, at(1s)), "the sink is full");
}

TEST_CASE("key_by: its function belongs to the operator that uses the key") {
  auto const key = [](reading const& r) {
    if (r.sensor.empty()) throw std::runtime_error("no sensor");
    return r.sensor;
  };
  std::vector<reading> const in{{"a", 1}, {"", 2}, {"b", 3}, {"a", 4}};
  std::vector<std::int64_t> out;
  std::vector<weir::failed_record<reading>> bad;
  auto const reduced = weir::from(in) | weir::key_by(key) |
                       weir::reduce([](reading const& a, reading const& b) {
                         if (b.value == 4) throw std::runtime_error("four");
                         return reading{a.sensor, a.value + b.value};
                       }) |
                       weir::uid<"sum"> | weir::failed_to<"bad"> | weir::side<"bad">(weir::into(bad)) |
                       weir::map(&reading::value) | weir::into(out);
  weir::run(reduced);
  CHECK(out == numbers{1, 3});
  REQUIRE(bad.size() == 2);
  CHECK(bad[0].error == "no sensor");
  CHECK(bad[1].error == "four");
}

TEST_CASE("reduce: what a key has come to outlives a function that throws") {
  std::vector<reading> in;
  for (std::int64_t i = 0; i < 5; ++i) in.push_back({"a sensor with a name that needs the heap", i});
  std::vector<reading> out;
  weir::run(weir::from(in) | weir::key_by([](reading const&) { return 1; }) |
            weir::reduce([](reading a, reading const& b) {
              reading sum{std::move(a.sensor), a.value + b.value};
              if (b.value == 2) throw 2;
              return sum;
            }) |
            weir::skip_failed | weir::into(out));
  REQUIRE(out.size() == 4);
  CHECK(out.back() == reading{in[0].sensor, 8});
}

TEST_CASE("aggregate: a record is in all columns or in none, and a bad one opens no window") {
  auto const value = [](reading const& r) {
    if (r.value == 13) throw std::runtime_error("thirteen");
    return r.value;
  };
  auto const chain = weir::key_by(&reading::sensor) | weir::window(weir::tumbling_windows{.size = 10s}) |
                     weir::aggregate(weir::count(), weir::sum(value)) | weir::uid<"sums"> |
                     weir::failed_to<"bad">;
  auto t = weir::testing::test_driver<reading>(chain);
  t.push({"a", 1}, at(1s));
  t.push({"a", 13}, at(2s));
  t.push({"b", 13}, at(2s));
  t.push({"a", 2}, at(3s));
  t.watermark(at(10s));
  auto const out = t.take();
  REQUIRE(out.size() == 1);
  CHECK(out[0].value["count"_c] == 2);
  CHECK(out[0].value["sum"_c] == 3);
  CHECK(t.take_side<"bad">().size() == 2);
  CHECK(t.count("sums", "failed") == 2);
}

TEST_CASE("describe names the policy") {
  auto const p = weir::from(up_to(1)) | weir::map(picky{3}) | weir::uid<"pick"> | weir::failed_to<"bad"> |
                 weir::discard<"bad"> | weir::filter(picky{2}) | weir::skip_failed;
  CHECK(weir::describe(p).find("map(failed_to bad) \"pick\"\ndiscard(bad)\nfilter(skip_failed)\n") !=
        std::string::npos);
}

// Nothing is lost and nothing is there twice, at any batch size: in = out + skipped + dead letters, for each operator.
TEST_CASE("random streams with random failures: in = out + skipped + dead letters") {
  auto const seed = static_cast<unsigned>(std::random_device{}());
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    std::set<std::int64_t> sets[3];
    std::int64_t const n = std::uniform_int_distribution<std::int64_t>(0, 500)(random);
    for (auto& s : sets)
      for (std::int64_t i = 1; i <= n; ++i)
        if (random() % 8 == 0) s.insert(i);
    auto const failing = [](std::set<std::int64_t> const& bad) {
      return [&bad](std::int64_t i) {
        if (bad.contains(i)) throw std::runtime_error(std::to_string(i));
        return i;
      };
    };
    struct answer {
      numbers out;
      letters one, three;
      std::uint64_t failed, skipped;
      bool operator==(answer const&) const = default;
    };
    std::optional<answer> first;
    for (std::size_t batch : {1, 2, 3, 7, 4096}) {
      answer a;
      auto const result =
          weir::run(weir::from(up_to(n)) | weir::map(failing(sets[0])) | weir::uid<"one"> |
                        weir::failed_to<"one"> | weir::side<"one">(weir::into(a.one)) |
                        weir::filter([f = failing(sets[1])](std::int64_t i) { return f(i) > 0; }) |
                        weir::uid<"two"> | weir::skip_failed |
                        weir::flat_map<std::int64_t>(
                            [f = failing(sets[2])](std::int64_t i, auto const& emit) { emit(f(i)); }) |
                        weir::uid<"three"> | weir::failed_to<"three"> |
                        weir::side<"three">(weir::into(a.three)) | weir::into(a.out),
                    weir::batch_size{batch});
      a.failed = result.count("one", "failed") + result.count("three", "failed");
      a.skipped = result.count("two", "failed");
      if (!first) first = a;
      CHECK(a == *first);
      CHECK(a.failed == a.one.size() + a.three.size());
      numbers all = a.out;
      for (auto const& l : a.one) all.push_back(l.record);
      for (auto const& l : a.three) all.push_back(l.record);
      CHECK(all.size() + a.skipped == static_cast<std::size_t>(n));
      std::ranges::sort(all);
      numbers expected;
      for (std::int64_t i = 1; i <= n; ++i)
        if (sets[0].contains(i) || !sets[1].contains(i)) expected.push_back(i);
      CHECK(all == expected);
    }
  }
}

}  // namespace failed_to_test
