#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;
using weir::testing::test_driver;

namespace {

struct reading {
  std::string sensor;
  std::int64_t value;
  bool operator==(reading const&) const = default;
};

auto count_windows(auto... options) {
  return weir::key_by(&reading::sensor) | weir::window(std::move(options)...) |
         weir::aggregate(weir::count(), weir::sum(&reading::value)) | weir::uid<"w">;
}
// A row as text, to be compared at one glance.
std::string text(auto const& w) {
  return fmt::format("{} [{},{}) {} {}", w["key"_c], weir::ticks(w["window_start"_c]) / 1000000,
                     weir::ticks(w["window_end"_c]) / 1000000, w["count"_c], w["sum"_c]);
}
std::vector<std::string> texts(auto const& out) {
  std::vector<std::string> all;
  for (auto const& o : out) {
    CHECK(o.at == o.value["window_end"_c] - weir::tick);
    all.push_back(text(o.value));
  }
  std::ranges::sort(all);
  return all;
}
using lines = std::vector<std::string>;

// Emits each value a second after it came, or when "flush" comes at once; remembers what it has seen.
struct delay {
  using output = std::string;
  using side_outputs = weir::side_outputs<weir::side_output<"late", reading>>;
  weir::value_state<std::int64_t, "seen"> seen;
  weir::list_state<std::int64_t, "all"> all;
  weir::map_state<weir::timestamp, std::vector<std::int64_t>, "waiting"> waiting;
  auto states() { return std::tie(seen, all, waiting); }

  template <class Context, class Emit>
  void on_record(reading const& r, Context& c, Emit&& emit) {
    if (c.time() <= c.watermark()) return c.side(weir::to<"late">, r);
    ++seen.get();
    if (r.value % 7 == 0) {
      emit(fmt::format("{} seen {}", c.key(), *seen));
      seen.clear();
      all.clear();
      return;
    }
    all.add(r.value);
    waiting[c.time()].push_back(r.value);
    c.set_timer(c.time() + 1s);
    if (r.value % 5 == 0) c.delete_timer(c.time() + 1s);
    if (r.value % 11 == 0) c.set_timer(c.watermark() == weir::min_time ? c.time() : c.watermark());
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp t, Context& c, Emit&& emit) {
    emit(fmt::format("{} at {} of {}", c.key(), weir::ticks(t), all.size()));
    while (!waiting.empty() && waiting.begin()->first < t) waiting.remove(waiting.begin()->first);
  }
};

// ---- what a driver does record by record, and what it does when it is made anew from a snapshot after each

struct step {
  bool is_watermark;
  weir::timestamp time;
  reading value;
};
std::vector<step> random_steps(unsigned seed) {
  std::mt19937 random(seed);
  auto const below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<step> steps;
  std::int64_t now = 0, mark = 0;
  for (int i = 0; i < 80; ++i) {
    now += below(900) + (below(12) == 0 ? 20000 : 0);
    if (below(3) == 0) {
      mark = std::max(mark, now - below(4000));
      steps.push_back({true, at(mark * 1ms), {}});
    } else {
      steps.push_back({false,
                       at((now - below(9000)) * 1ms),
                       {std::string(1, static_cast<char>('a' + below(4))), below(40)}});
    }
  }
  return steps;
}

template <class Driver>
void perform(Driver& t, step const& s) {
  if constexpr (Driver::timed) {
    if (s.is_watermark) t.watermark(s.time);
    if (!s.is_watermark) t.push(s.value, s.time);
  } else if (!s.is_watermark) {
    t.push({s.value, s.time});
  }
}
// Windows fire in an order of keys that depends on the table, so what one step gives is compared as a set.
template <class Driver>
lines outcome(Driver& t, auto const& show) {
  lines all;
  for (auto const& o : t.take()) all.push_back(fmt::format("{} {}", weir::ticks(o.at), show(o.value)));
  if constexpr (!std::same_as<weir::side_output_of<typename Driver::output_stream, "late">, weir::none>)
    for (auto const& o : t.template take_side<"late">())
      all.push_back(fmt::format("late {} {}", weir::ticks(o.at), o.value.value));
  std::ranges::sort(all);
  return all;
}
template <class T, class Time = weir::event>
void restore_changes_nothing(auto const& chain, auto const& show) {
  std::size_t results = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    auto whole = test_driver<T, Time>(chain);
    std::string bytes = test_driver<T, Time>(chain).snapshot();
    std::size_t n = 0;
    for (step const& s : random_steps(seed)) {
      CAPTURE(n++);
      auto again = test_driver<T, Time>(chain, bytes);
      REQUIRE(again.snapshot() == bytes);
      perform(whole, s);
      perform(again, s);
      lines const expected = outcome(whole, show);
      REQUIRE(outcome(again, show) == expected);
      bytes = again.snapshot();
      REQUIRE(bytes == whole.snapshot());
      results += expected.size();
    }
    auto again = test_driver<T, Time>(chain, bytes);
    whole.finish();
    again.finish();
    REQUIRE(outcome(again, show) == outcome(whole, show));
  }
  CHECK(results > 50);
}
constexpr auto show_row = [](auto const& w) { return text(w); };
constexpr auto show_text = [](std::string const& s) { return s; };

}  // namespace

TEST_CASE("a tumbling window fires when the watermark reaches its last instant") {
  auto t = test_driver<reading>(count_windows(weir::tumbling_windows{.size = 10s}, weir::late_to<"late">));
  t.push({"a", 1}, at(3s));
  t.push({"b", 2}, at(9s));
  t.push({"a", 4}, at(10s));
  t.watermark(at(10s) - 2 * weir::tick);
  CHECK(t.take().empty());
  t.watermark(at(10s) - weir::tick);
  CHECK(texts(t.take()) == lines{"a [0,10) 1 1", "b [0,10) 1 2"});
  t.push({"a", 8}, at(9s));
  auto const late = t.take_side<"late">();
  REQUIRE(late.size() == 1);
  CHECK(late[0] == weir::timed_value<reading>{{"a", 8}, at(9s)});
  CHECK(t.count("w", "late") == 1);
  CHECK(t.counts().at({"w", "late"}) == 1);
  t.watermark(at(5s));  // it never goes back
  t.finish();
  CHECK(texts(t.take()) == lines{"a [10,20) 1 4"});
  CHECK_THROWS_AS(t.push({"a", 1}, at(99s)), weir::error);
}

TEST_CASE("with allowed lateness a window fires again for each record") {
  auto t = test_driver<reading>(count_windows(weir::tumbling_windows{.size = 10s}, weir::allowed_lateness{5s}));
  t.push({"a", 1}, at(3s));
  t.watermark(at(12s));
  t.push({"a", 2}, at(4s));
  CHECK(texts(t.take()) == lines{"a [0,10) 1 1", "a [0,10) 2 3"});
  t.watermark(at(15s) - weir::tick);
  t.push({"a", 2}, at(4s));
  CHECK(t.take().empty());
  CHECK(t.count("w", "late") == 1);
}

TEST_CASE("sessions that touch are one") {
  auto t = test_driver<reading>(count_windows(weir::session_windows{.gap = 3s}));
  t.push({"a", 1}, at(0s));
  t.push({"a", 2}, at(6s));
  t.push({"a", 4}, at(3s));
  t.push({"b", 1}, at(3s));
  t.push({"a", 8}, at(20s));
  t.watermark(at(10s));
  CHECK(texts(t.take()) == lines{"a [0,9) 3 7", "b [3,6) 1 1"});
  t.finish();
  CHECK(texts(t.take()) == lines{"a [20,23) 1 8"});
}

TEST_CASE("timers of a process function fire under a hand-moved watermark") {
  auto t = test_driver<reading>(weir::key_by(&reading::sensor) | weir::process<"p">(delay{}));
  t.push({"a", 1}, at(3s));
  t.push({"a", 2}, at(2s));
  CHECK(t.take().empty());
  t.watermark(at(3s));
  CHECK(t.take() == std::vector<weir::timed_value<std::string>>{{"a at 3000000 of 2", at(3s)}});
  t.push({"a", 9}, at(3s));
  CHECK(t.take_side<"late">() == std::vector<weir::timed_value<reading>>{{{"a", 9}, at(3s)}});
  t.push({"a", 7}, at(5s));
  CHECK(t.take() == std::vector<weir::timed_value<std::string>>{{"a seen 3", at(5s)}});
}

TEST_CASE("chains without event time, and chains that make it") {
  auto t = test_driver<int, weir::untimed>(weir::filter([](int i) { return i > 1; }) |
                                           weir::map([](int i) { return 2 * i; }));
  t.push(1);
  t.push(2);
  t.push(3);
  CHECK(t.take() == std::vector<int>{4, 6});
  CHECK(t.take().empty());
  t.finish();
  CHECK_THROWS_AS(t.push(1), weir::error);

  using pair = std::pair<std::int64_t, weir::timestamp>;
  auto timed = test_driver<pair, weir::untimed>(
      weir::assign_timestamps(&pair::second, weir::monotonous_timestamps{}) | weir::key_by(&pair::first) |
      weir::window(weir::tumbling_windows{.size = 10s}) | weir::aggregate(weir::count()) |
      weir::map([](auto const& w) { return w["count"_c]; }));
  timed.push({1, at(3s)});
  CHECK(timed.take().empty());
  timed.push({1, at(10s)});
  auto const out = timed.take();
  REQUIRE(out.size() == 1);
  CHECK(out[0].value == 1);
  CHECK(out[0].at == at(10s) - weir::tick);
}

TEST_CASE("a chain that ends in sinks is driven too") {
  std::vector<std::int64_t> even, odd;
  auto const is = [](std::int64_t rest) {
    return weir::filter([rest](std::int64_t i) { return i % 2 == rest; });
  };
  auto t = test_driver<std::int64_t>(
      weir::branch(is(0) | weir::into(even), is(1) | weir::into(odd, weir::uid<"odd">)));
  for (std::int64_t i = 0; i < 5; ++i) t.push(i, at(0s));
  t.finish();
  CHECK(even == std::vector<std::int64_t>{0, 2, 4});
  CHECK(odd == std::vector<std::int64_t>{1, 3});
  CHECK(t.count("odd", "in") == 2);
}

TEST_CASE("a new driver from a snapshot goes on as the old one would") {
  SECTION("tumbling") {
    restore_changes_nothing<reading>(count_windows(weir::tumbling_windows{.size = 3s}, weir::late_to<"late">),
                                     show_row);
  }
  SECTION("tumbling, with lateness") {
    restore_changes_nothing<reading>(
        count_windows(weir::tumbling_windows{.size = 3s}, weir::allowed_lateness{2s}, weir::late_to<"late">),
        show_row);
  }
  SECTION("sliding, with a running sum") {
    restore_changes_nothing<reading>(
        count_windows(weir::sliding_windows{.size = 4s, .slide = 1s}, weir::late_to<"late">), show_row);
  }
  SECTION("sliding, added up anew, with lateness") {
    restore_changes_nothing<reading>(
        weir::key_by(&reading::sensor) |
            weir::window(weir::sliding_windows{.size = 5s, .slide = 2s}, weir::allowed_lateness{2s}) |
            weir::aggregate(weir::max(&reading::value), weir::collect(&reading::value)),
        [](auto const& w) { return fmt::format("{} {} {}", w["key"_c], w["max"_c], w["collect"_c].size()); });
  }
  SECTION("sessions") {
    restore_changes_nothing<reading>(count_windows(weir::session_windows{.gap = 1s}, weir::late_to<"late">),
                                     show_row);
  }
  SECTION("sessions, with lateness") {
    restore_changes_nothing<reading>(
        count_windows(weir::session_windows{.gap = 1s}, weir::allowed_lateness{3s}, weir::late_to<"late">),
        show_row);
  }
  SECTION("process") {
    restore_changes_nothing<reading>(weir::key_by(&reading::sensor) | weir::process<"p">(delay{}), show_text);
  }
  SECTION("branches, one behind the other's window") {
    auto const lines_of = [](auto const& w) { return text(w); };
    restore_changes_nothing<reading>(
        weir::branch(
            count_windows(weir::tumbling_windows{.size = 3s}) | weir::map(lines_of),
            weir::scoped<"second">(count_windows(weir::session_windows{.gap = 1s})) | weir::map(lines_of)) |
            weir::key_by([](std::string const& s) { return s.front(); }) |
            weir::window(weir::tumbling_windows{.size = 6s}) | weir::aggregate(weir::count()) |
            weir::uid<"lines">,
        [](auto const& w) { return fmt::format("{} {}", w["key"_c], w["count"_c]); });
  }
  SECTION("event time made in the chain") {
    using pair = std::pair<reading, weir::timestamp>;
    restore_changes_nothing<pair, weir::untimed>(
        weir::assign_timestamps(&pair::second, weir::bounded_out_of_orderness{2s}) |
            weir::key_by([](pair const& p) { return p.first.sensor; }) |
            weir::window(weir::tumbling_windows{.size = 3s}) |
            weir::aggregate(weir::count(), weir::sum([](pair const& p) { return p.first.value; })),
        show_row);
  }
}

TEST_CASE("a snapshot is refused by another chain") {
  auto const tumbling = count_windows(weir::tumbling_windows{.size = 3s});
  auto t = test_driver<reading>(tumbling);
  t.push({"a", 1}, at(3s));
  std::string const bytes = t.snapshot();
  auto const other = weir::key_by(&reading::sensor) | weir::window(weir::tumbling_windows{.size = 3s}) |
                     weir::aggregate(weir::count(), weir::sum(&reading::value)) | weir::uid<"other">;
  CHECK_THROWS_WITH(test_driver<reading>(other, bytes), weir_test::contains("another chain"));
  CHECK_THROWS_WITH(test_driver<reading>(weir::filter([](reading const&) { return true; }), bytes),
                    weir_test::contains("another chain"));
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_THROWS_AS(test_driver<reading>(tumbling, bytes.substr(0, n)), weir::error);
  CHECK_THROWS_AS(test_driver<reading>(tumbling, bytes + "x"), weir::error);
}
