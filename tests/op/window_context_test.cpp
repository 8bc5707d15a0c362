// The context of a function of windows: what it keeps for each window and for each key, its side outputs, and its last word.
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <range/v3/numeric/accumulate.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/transform.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <ranges>
#include <set>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace window_context_test {
struct word {
  std::string text;
  int n;
  int at;  // seconds
};
}  // namespace window_context_test
BOOST_HANA_ADAPT_STRUCT(window_context_test::word, text, n, at);

namespace window_context_test {

using i64 = std::int64_t;
using lines = std::vector<std::string>;
using texts = std::vector<weir::timed_value<std::string>>;

i64 seconds(weir::timestamp t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}
template <class Window>
std::string name_of(Window const& w) {
  return fmt::format("{} [{},{})", w.key, seconds(w.window.start), seconds(w.window.end));
}

// Everything that there is. The key forgets what it has seen with each fourth window that is gone.
struct chronicle {
  weir::value_state<int, "times"> times;          // of the window: how often it has fired
  weir::list_state<int, "sizes"> sizes;           // and with how much
  weir::map_state<int, int, "first seen"> first;  // by number: with which firing it came
  weir::value_state<int, "fired"> fired;          // of the key
  weir::map_state<i64, int, "gone"> gone;
  auto window_states() { return std::tie(times, sizes, first); }
  auto states() { return std::tie(fired, gone); }
  using side_outputs =
      weir::side_outputs<weir::side_output<"seen", std::string>, weir::side_output<"ends", std::string>>;

  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<word> const& elements, Context& context,
                  Emit const& emit) const {
    ++times.get(), ++fired.get();
    sizes.add(static_cast<int>(elements.size()));
    for (word const& e : elements)
      if (!first.contains(e.n)) first.put(e.n, *times);
    std::string text = fmt::format("{} {} of {}:", name_of(w), *times, *fired);
    for (int s : sizes) text += fmt::format(" {}", s);
    text += ";";
    for (auto const& [n, when] : first) text += fmt::format(" {}@{}", n, when);
    emit(text + fmt::format("; {} at {}", context.key(),
                            seconds(weir::saturating_add(context.watermark(), weir::tick))));
    if (elements.size() == 4) context.side(weir::to<"seen">, name_of(w) + " four");
  }
  template <class Window, class Context>
  void clear(Window const& w, Context& context) const {
    gone.put(seconds(w.window.start), times.value_or(0));
    std::string text = fmt::format("{} {} of {};", name_of(w), times.value_or(0), fired.value_or(0));
    for (auto const& [start, n] : gone) text += fmt::format(" {}:{}", start, n);
    context.side(weir::to<"ends">,
                 text + fmt::format(" at {}", seconds(weir::saturating_add(context.watermark(), weir::tick))));
    if (gone.size() == 4) gone.clear(), fired.clear();
  }
};
auto const chronicled = weir::key_by(&word::text) |
                        weir::window(weir::tumbling_windows{10s},
                                     weir::either_trigger(weir::event_time_trigger{}, weir::count_trigger{3}),
                                     weir::allowed_lateness{5s}, weir::late_to<"late">) |
                        weir::process_window<"w", std::string>(chronicle{});

lines values_of(auto const& taken) {
  lines all;
  for (auto const& one : taken) all.push_back(one.value);
  return all;
}

TEST_CASE("window context: what is kept for a window and for a key, by hand") {
  auto t = weir::testing::test_driver<word>(chronicled);
  t.push({"a", 1, 0}, at(1s));
  t.push({"a", 2, 0}, at(11s));
  t.push({"a", 3, 0}, at(2s));
  CHECK(t.take().empty());
  t.push({"a", 4, 0}, at(3s));
  CHECK(values_of(t.take()) == lines{"a [0,10) 1 of 1: 3; 1@1 3@1 4@1; a at -9223372036855"});
  t.watermark(at(10s) - weir::tick);
  CHECK(t.take() == texts{{"a [0,10) 2 of 2: 3 3; 1@1 3@1 4@1; a at 10", at(10s) - weir::tick}});
  t.push({"a", 5, 0}, at(9s));  // late, and not too late
  CHECK(values_of(t.take()) == lines{"a [0,10) 3 of 3: 3 3 4; 1@1 3@1 4@1 5@3; a at 10"});
  CHECK(t.take_side<"seen">() == texts{{"a [0,10) four", at(10s) - weir::tick}});
  CHECK(t.take_side<"ends">().empty());
  t.watermark(at(17s));
  CHECK(t.take().empty());
  CHECK(t.take_side<"ends">() == texts{{"a [0,10) 3 of 3; 0:3 at 17", at(10s) - weir::tick}});
  t.push({"a", 6, 0}, at(9s));
  CHECK(t.take_side<"late">().size() == 1);
  t.watermark(at(40s));  // fires, and is gone
  CHECK(values_of(t.take()) == lines{"a [10,20) 1 of 4: 1; 2@1; a at 40"});
  CHECK(values_of(t.take_side<"ends">()) == lines{"a [10,20) 1 of 4; 0:3 10:1 at 40"});
}

// Beside a naive oracle, at each instant from the first to the last.
struct oracle {
  struct window {
    lines sizes;
    std::vector<int> elements;
    std::map<int, int> first;
    int times = 0, counted = 0;
  };
  std::map<std::pair<std::string, i64>, window> live;
  std::map<std::string, int> fired;
  std::map<std::string, std::map<i64, int>> gone;
  i64 watermark = -1'000'000;  // the first second that is not over
  lines out, seen, ends;
  int late = 0;

  static std::string name(std::pair<std::string, i64> const& w) {
    return fmt::format("{} [{},{})", w.first, w.second, w.second + 10);
  }
  void fire(std::pair<std::string, i64> const& id, window& w) {
    ++w.times, ++fired[id.first];
    w.sizes.push_back(std::to_string(w.elements.size()));
    for (int n : w.elements) w.first.try_emplace(n, w.times);
    std::string text =
        fmt::format("{} {} of {}: {};", name(id), w.times, fired[id.first], fmt::join(w.sizes, " "));
    for (auto const& [n, when] : w.first) text += fmt::format(" {}@{}", n, when);
    out.push_back(text + fmt::format("; {} at {}", id.first, watermark));
    if (w.elements.size() == 4) seen.push_back(name(id) + " four");
  }
  void push(std::string const& key, int n, i64 ts) {
    i64 const start = ts / 10 * 10;
    if (start + 15 <= watermark) return void(++late);
    window& w = live[{key, start}];
    w.elements.push_back(n);
    bool const third = ++w.counted == 3;
    if (third) w.counted = 0;
    if (third || start + 10 <= watermark) fire({key, start}, w);
  }
  void advance(i64 to) {
    if (to <= watermark) return;
    i64 const before = std::exchange(watermark, to);
    std::set<i64> instants;
    for (auto const& [id, w] : live)
      for (i64 d : {10, 15})
        if (i64 const t = id.second + d; t > before && t <= to) instants.insert(t);
    for (i64 t : instants) {
      for (auto& [id, w] : live)
        if (id.second + 10 == t) fire(id, w);
      for (auto at = live.begin(); at != live.end();) {
        auto const here = at++;
        auto const& [id, w] = *here;
        if (id.second + 15 != t) continue;
        auto& list = gone[id.first];
        list[id.second] = w.times;
        std::string text = fmt::format("{} {} of {};", name(id), w.times, fired[id.first]);
        for (auto const& [start, times] : list) text += fmt::format(" {}:{}", start, times);
        ends.push_back(text + fmt::format(" at {}", to));
        if (list.size() == 4) list.clear(), fired[id.first] = 0;
        live.erase(here);
      }
    }
  }
};
lines in_order(lines all) {
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("window context: random steps, and a driver of its own for each of them") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    for (bool restored : {false, true}) {
      CAPTURE(restored);
      std::mt19937_64 bits(seed);
      auto const below = [&](std::uint64_t n) { return static_cast<i64>(bits() % n); };
      std::string saved = weir::testing::test_driver<word>(chronicled).snapshot();
      using driver = decltype(weir::testing::test_driver<word>(chronicled, saved));
      auto t = std::make_unique<driver>(chronicled, saved);
      oracle o;
      i64 watermark = 0;
      o.advance(0), t->watermark(at(0s) - weir::tick);
      int late = 0;
      for (int i = 0; i < 100; ++i) {
        CAPTURE(i);
        if (restored && i > 0) t = std::make_unique<driver>(chronicled, saved);
        if (below(4) == 0) {
          watermark += below(9);
          t->watermark(at(1s * watermark) - weir::tick);
          o.advance(watermark);
        } else {
          std::string const key(1, static_cast<char>('a' + below(3)));
          i64 const ts = std::max<i64>(0, watermark + below(40) - 15), n = below(6);
          t->push({key, static_cast<int>(n), 0}, at(1s * ts));
          o.push(key, static_cast<int>(n), ts);
        }
        REQUIRE(in_order(values_of(t->take())) == in_order(std::exchange(o.out, {})));
        REQUIRE(in_order(values_of(t->take_side<"seen">())) == in_order(std::exchange(o.seen, {})));
        REQUIRE(in_order(values_of(t->take_side<"ends">())) == in_order(std::exchange(o.ends, {})));
        late += static_cast<int>(t->take_side<"late">().size());
        REQUIRE(late == o.late);
        if (restored) saved = t->snapshot();
      }
    }
  }
}

// Of one stream, in a run: the lines of all three outputs.
struct written {
  lines out, seen, ends;
  bool operator==(written const&) const = default;
};
written sorted(written w) {
  for (lines* l : {&w.out, &w.seen, &w.ends}) *l = in_order(*l);
  return w;
}
std::vector<word> random_words(std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::vector<word> all;
  for (int i = 0; i < 150; ++i)
    all.push_back({std::string(1, static_cast<char>('a' + bits() % 4)), static_cast<int>(bits() % 6),
                   static_cast<int>(i / 2 + static_cast<int>(bits() % 20))});
  return all;
}
// Stopped after each few records, where `few` is not 0, until it has finished.
written run_all(std::vector<word> const& in, std::size_t batch, int few) {
  weir_test::temp_directory const folder;
  written w;
  auto const to = [](lines& l) { return [&l](std::string const& s) { l.push_back(s); }; };
  int runs = 0;
  for (weir::outcome status = weir::outcome::stopped; status != weir::outcome::finished; ++runs) {
    REQUIRE(runs < 1000);
    std::stop_source stop;
    int left = few;
    auto const p =
        weir::from(in, weir::uid<"in">) | weir::inspect([&](word const&) {
          if (--left == 0) stop.request_stop();
        }) |
        weir::assign_timestamps([](word const& x) { return at(1s * x.at); },
                                weir::bounded_out_of_orderness{6s}) |
        chronicled | weir::discard<"late"> | weir::side<"seen">(weir::into(to(w.seen), weir::uid<"seen">)) |
        weir::side<"ends">(weir::into(to(w.ends), weir::uid<"ends">)) | weir::into(to(w.out), weir::uid<"out">);
    status = weir::run(p, weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{.every = 1h},
                       weir::at_least_once, weir::batch_size{batch}, stop.get_token())
                 .status;
  }
  if (few != 0) CHECK(runs > 5);
  return w;
}

TEST_CASE("window context: at each batch size, and stopped and started on a state directory") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    auto const in = random_words(seed);
    written const one = run_all(in, 1, 0);
    CHECK(one.out.size() > 30);
    CHECK(one.ends.size() > 20);
    for (std::size_t batch : {3u, 4096u}) REQUIRE(run_all(in, batch, 0) == one);
    REQUIRE(sorted(run_all(in, 2, 11)) == sorted(one));
  }
}

// What is kept for the key only leaves windows their own layout. The elements are a range as any other.
struct rises {
  weir::value_state<int, "last"> last;
  auto states() { return std::tie(last); }

  template <class Window, class Held, class Context, class Emit>
  void operator()(Window const& w, Held const& held, Context& context, Emit const& emit) const {
    int sum = 0;
    if constexpr (std::ranges::range<Held const>) {
      static_assert(std::ranges::random_access_range<Held const> && std::ranges::sized_range<Held const>);
      sum = ranges::accumulate(held | ranges::views::filter([](word const& x) { return x.n > 0; }) |
                                   ranges::views::transform(&word::n),
                               0);
    } else {
      CHECK(held["window_start"_c] == w.window.start);
      sum = static_cast<int>(held["sum"_c]);
    }
    emit(fmt::format("[{},{}) {} after {} at {}", seconds(w.window.start), seconds(w.window.end), sum,
                     last.value_or(0), seconds(weir::saturating_add(context.watermark(), weir::tick))));
    last.update(sum);
    if (sum == 0) last.clear();
  }
};
template <class... Window>
auto rising(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) | weir::process_window<"w", std::string>(rises{});
}
template <class... Window>
auto rising_sums(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) |
         weir::process_window<"w", std::string>(weir::aggregate(weir::sum(&word::n)), rises{});
}
// With a driver of its own for each step, and with one for all of them.
template <class Chain>
lines played(Chain const& chain) {
  lines all[2];
  for (bool restored : {false, true}) {
    std::string saved = weir::testing::test_driver<word>(chain).snapshot();
    using driver = decltype(weir::testing::test_driver<word>(chain, saved));
    auto t = std::make_unique<driver>(chain, saved);
    auto const then = [&] {
      for (std::string const& s : values_of(t->take())) all[restored].push_back(s);
      if (!restored) return;
      saved = t->snapshot();
      t = std::make_unique<driver>(chain, saved);
    };
    for (int n : {1, 2, 5, 12, -14, 31, 33}) {
      t->push({"a", n, 0}, at(1s * std::abs(n))), then();
      t->watermark(at(1s * std::abs(n) - 2s)), then();
    }
    t->watermark(at(100s)), then();
  }
  CHECK(all[0] == all[1]);
  return all[0];
}

TEST_CASE("window context: what is kept for a key, in each layout of windows") {
  lines const tumbling{"[0,10) 8 after 0 at 10", "[10,20) 12 after 8 at 29", "[30,40) 64 after 12 at 100"};
  CHECK(played(rising(weir::tumbling_windows{10s})) == tumbling);
  CHECK(played(rising(weir::tumbling_windows{10s}, weir::purging(weir::event_time_trigger{}))) == tumbling);
  CHECK(played(rising(weir::session_windows{5s})) ==
        lines{"[1,10) 8 after 0 at 10", "[12,19) 12 after 8 at 29", "[31,38) 64 after 12 at 100"});
  CHECK(played(rising_sums(weir::sliding_windows{20s, 10s})) ==
        lines{"[-10,10) 8 after 0 at 10", "[0,20) 6 after 8 at 29", "[10,30) -2 after 6 at 31",
              "[20,40) 64 after -2 at 100", "[30,50) 64 after 64 at 100"});
}

// Aggregates, with what is kept for a window: how much more it is than when it fired last. Without a key there is one.
struct more {
  weir::value_state<i64, "shown"> shown;
  auto window_states() { return std::tie(shown); }
  using side_outputs = weir::side_outputs<weir::side_output<"ends", i64>>;

  template <class Window, class Row, class Context, class Emit>
  void operator()(Window const&, Row const& row, Context&, Emit const& emit) const {
    emit(row["count"_c] * 1000 + row["sum"_c] - shown.value_or(0));
    shown.update(row["sum"_c]);
  }
  template <class Window, class Context>
  void clear(Window const&, Context& context) const {
    context.side(weir::to<"ends">, shown.value_or(-1));
  }
};

TEST_CASE("window context: behind aggregate, for all of a stream, and behind an evictor") {
  auto const sums = weir::aggregate(weir::count(), weir::sum(&word::n));
  auto const play = [](auto&& t) {
    for (int n : {1, 2, 4, 8, 16}) t.push({"a", n, 0}, at(1s * n));
    t.watermark(at(30s));
    std::vector<i64> all;
    for (auto const& e : t.take()) all.push_back(e.value);
    for (auto const& e : t.template take_side<"ends">()) all.push_back(e.value);
    return all;
  };
  CHECK(play(weir::testing::test_driver<word>(
            weir::window_all(weir::tumbling_windows{10s}, weir::count_trigger{2}) |
            weir::process_window<i64>(sums, more{}))) == std::vector<i64>{2003, 4012, 15, -1});
  CHECK(play(weir::testing::test_driver<word>(
            weir::key_by(&word::text) |
            weir::window(weir::tumbling_windows{20s}, weir::count_trigger{2}, weir::count_evictor{3}) |
            weir::process_window<"w", i64>(sums, more{}))) == std::vector<i64>{2003, 3011, 14});
  CHECK(weir::describe(
            weir::from(std::vector<word>{}) |
            weir::assign_timestamps([](word const&) { return at(0s); }, weir::monotonous_timestamps{}) |
            weir::key_by(&word::text) | weir::window(weir::tumbling_windows{20s}) |
            weir::process_window<"w", i64>(sums, more{})) ==
        "from(range_source)\n"
        "assign_timestamps(monotonous_timestamps)\n"
        "key_by\n"
        "window(tumbling_windows 20s)\n"
        "process_window(count, sum) \"w\"\n");
}

// Windows that merge say their last word once, for all that they have become; those that overlap each their own.
struct ends_only {
  using side_outputs = weir::side_outputs<weir::side_output<"ends", std::string>>;
  template <class Window, class Emit>
  void operator()(Window const& w, std::vector<word> const& elements, Emit const& emit) const {
    emit(fmt::format("{} {}", name_of(w), elements.size()));
  }
  template <class Window, class Context>
  void clear(Window const& w, Context& context) const {
    context.side(weir::to<"ends">, name_of(w));
  }
};

TEST_CASE("window context: the end of windows that merge, and of those that overlap") {
  auto const play = [](auto windows, auto... option) {
    auto t = weir::testing::test_driver<word>(weir::key_by(&word::text) | weir::window(windows, option...) |
                                              weir::process_window<"w", std::string>(ends_only{}));
    for (int s : {1, 9, 5, 24}) t.push({"a", 0, 0}, at(1s * s));
    t.watermark(at(18s));
    lines all = values_of(t.take());
    for (std::string const& e : values_of(t.template take_side<"ends">())) all.push_back(e);
    t.watermark(at(100s));
    for (std::string const& e : values_of(t.take())) all.push_back(e);
    for (std::string const& e : values_of(t.template take_side<"ends">())) all.push_back(e);
    return all;
  };
  CHECK(play(weir::session_windows{4s}) == lines{"a [1,13) 3", "a [1,13)", "a [24,28) 1", "a [24,28)"});
  CHECK(play(weir::sliding_windows{20s, 10s}, weir::allowed_lateness{3s}) ==
        lines{"a [-10,10) 3", "a [-10,10)", "a [0,20) 3", "a [10,30) 1", "a [20,40) 1", "a [0,20)", "a [10,30)",
              "a [20,40)"});
}

}  // namespace window_context_test
