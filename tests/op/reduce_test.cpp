#include <weir/op/reduce.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"
#include "runtime_once.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace reduce_test {

struct reading {
  std::string sensor;
  std::int64_t value = 0;
  weir::timestamp at;
  bool operator==(reading const&) const = default;
};
struct viewing {
  std::string_view sensor;
};

}  // namespace reduce_test
BOOST_HANA_ADAPT_STRUCT(reduce_test::reading, sensor, value, at);
BOOST_HANA_ADAPT_STRUCT(reduce_test::viewing, sensor);

namespace {

using namespace std::chrono_literals;
using namespace weir::literals;
using reduce_test::reading;
using weir::testing::at;
using weir::testing::test_driver;

constexpr auto add = [](reading a, reading const& b) {
  a.value += b.value;
  return a;
};
auto const rolling = weir::key_by(&reading::sensor) | weir::reduce(add) | weir::uid<"r">;

using op = decltype(weir::reduce(add));
using keyed = weir::stream<reading, false, decltype(&reading::sensor)>;
static_assert(weir::accepts<op, keyed>);
static_assert(!weir::accepts<op, weir::stream<reading>>);
static_assert(!weir::accepts<op, weir::stream<int, false, decltype([](int i) { return i; })>>);
static_assert(std::same_as<weir::output_of<op, keyed>, weir::stream<reading>>);
constexpr auto first = [](auto a, auto const&) { return a; };
static_assert(
    !weir::accepts<decltype(weir::reduce(first)),
                   weir::stream<reduce_test::viewing, false, decltype(&reduce_test::viewing::sensor)>>);

}  // namespace

TEST_CASE("reduce without windows gives what the key has come to, for every record") {
  auto t = test_driver<reading>(rolling);
  t.push({"a", 1, {}}, at(1s));
  t.push({"b", 10, {}}, at(5s));
  t.push({"a", 2, {}}, at(2s));
  using timed = weir::timed_value<reading>;
  CHECK(t.take() ==
        std::vector<timed>{{{"a", 1, {}}, at(1s)}, {{"b", 10, {}}, at(5s)}, {{"a", 3, {}}, at(2s)}});
  auto again = test_driver<reading>(rolling, t.snapshot());
  again.push({"a", 4, {}}, at(3s));
  CHECK(again.take() == std::vector<timed>{{{"a", 7, {}}, at(3s)}});
}

TEST_CASE("reduce without event time") {
  auto t = test_driver<std::int64_t, weir::untimed>(
      weir::key_by([](std::int64_t i) { return i % 2; }) |
      weir::reduce([](std::int64_t a, std::int64_t b) { return std::max(a, b); }));
  for (std::int64_t i : {3, 8, 1, 5, 2}) t.push(i);
  CHECK(t.take() == std::vector<std::int64_t>{3, 8, 3, 5, 8});
}

TEST_CASE("reduce behind windows gives a row for each, in order of arrival") {
  auto const chain = weir::key_by(&reading::sensor) |
                     weir::window(weir::tumbling_windows{.size = 10s}, weir::late_to<"late">) |
                     weir::reduce([](reading a, reading const& b) {
                       return reading{a.sensor + b.sensor, a.value - b.value, b.at};
                     });
  auto t = test_driver<reading>(chain);
  t.push({"a", 10, at(1s)}, at(1s));
  t.push({"a", 3, at(2s)}, at(2s));
  t.push({"a", 5, at(12s)}, at(12s));
  t.watermark(at(11s));
  t.push({"a", 5, at(4s)}, at(4s));
  auto const out = t.take();
  REQUIRE(out.size() == 1);
  CHECK(out[0].value["key"_c] == "a");
  CHECK(out[0].value["window_end"_c] == at(10s));
  CHECK(out[0].value["value"_c] == reading{"aa", 7, at(2s)});
  CHECK(t.take_side<"late">().size() == 1);
}

TEST_CASE("reduce behind sliding windows and sessions") {
  auto const sum = weir::reduce([](std::int64_t a, std::int64_t b) { return a + b; });
  auto const key = weir::key_by([](std::int64_t) { return 0; });
  auto const value = weir::map([](auto const& w) { return w["value"_c]; });
  auto sliding = test_driver<std::int64_t>(key | weir::window(weir::sliding_windows{.size = 4s, .slide = 2s}) |
                                           sum | value);
  auto session = test_driver<std::int64_t>(key | weir::window(weir::session_windows{.gap = 2s}) | sum | value);
  for (int s : {0, 4, 2, 9}) {
    sliding.push(s + 1, at(s * 1s));
    session.push(s + 1, at(s * 1s));
  }
  sliding.finish();
  session.finish();
  std::vector<std::int64_t> of_sliding, of_sessions;
  for (auto const& o : sliding.take()) of_sliding.push_back(o.value);
  for (auto const& o : session.take()) of_sessions.push_back(o.value);
  CHECK(of_sliding == std::vector<std::int64_t>{1, 4, 8, 5, 10, 10});
  CHECK(of_sessions == std::vector<std::int64_t>{9, 10});
}

TEST_CASE("reduce goes on from durable state") {
  auto const directory = std::filesystem::temp_directory_path() / "weir_reduce_test";
  std::filesystem::remove_all(directory);
  std::vector<reading> input{{"a", 1, {}}, {"b", 2, {}}, {"a", 3, {}}, {"b", 4, {}}, {"a", 5, {}}};
  std::map<std::string, std::int64_t> last;
  std::stop_source stop;
  auto run = [&](std::size_t stop_after) {
    std::size_t n = 0;
    auto const job = weir::from(input, weir::uid<"in">) | rolling |
                     weir::into(
                         [&](reading const& r) {
                           last[r.sensor] = r.value;
                           if (++n == stop_after) stop.request_stop();
                         },
                         weir::uid<"out">);
    return weir::run(job, weir::lmdb_store{.directory = directory, .map_size = 1 << 24},
                     weir::periodic_checkpoints{}, weir::at_least_once, weir::batch_size{1}, stop.get_token())
        .status;
  };
  CHECK(run(2) == weir::outcome::stopped);
  CHECK(last == std::map<std::string, std::int64_t>{{"a", 1}, {"b", 2}});
  stop = std::stop_source();
  CHECK(run(0) == weir::outcome::finished);
  CHECK(last == std::map<std::string, std::int64_t>{{"a", 9}, {"b", 6}});
  std::filesystem::remove_all(directory);
}
