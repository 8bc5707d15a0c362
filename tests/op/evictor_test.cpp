// Evictors: which records a window keeps, before and after it fires; by hand and beside a naive oracle.
#include "error_of.hpp"
#include "op/window_scene.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace window_scene;
using namespace std::chrono_literals;
using weir::testing::at;

namespace evictor_test {

// Tumbling windows that fire with each k-th record, from the words of semantics.md, 1.3. What is evicted is gone.
struct evicting_windows : naive::op<rec, naive::row> {
  using element = std::pair<i64, i64>;  // value, time
  using elements = std::vector<element>;
  i64 size, lateness, each;
  bool after;
  std::function<void(elements&)> evict;
  naive::outlet<rec> late;
  struct held {
    elements all;
    i64 seen = 0;
  };
  std::map<std::pair<i64, i64>, held> windows;  // end, key

  evicting_windows(i64 s, i64 l, i64 e, bool a, std::function<void(elements&)> f)
      : size(s), lateness(l), each(e), after(a), evict(std::move(f)) {}
  void on(rec const& r, i64 ts) override {
    i64 const end = r.ts - naive::floor_mod(r.ts, size) + size;
    if (naive::plus(end - 1, lateness) <= watermark) return late.emit(r, ts);
    held& h = windows[{end, r.key}];
    h.all.push_back({r.value, ts});
    if (++h.seen % each != 0) return;
    if (!after) evict(h.all);
    if (h.all.empty()) return;
    naive::row shown{r.key, end - size, end, {}};
    for (auto const& [value, time] : h.all) shown.elements.push_back(value);
    out.emit(shown, end - 1);
    if (after) evict(h.all);
  }

 protected:
  void act(i64 now) override {
    std::erase_if(windows, [&](auto const& w) { return naive::plus(w.first.first - 1, lateness) <= now; });
  }
};

template <bool Stopped = false, class Evictor>
void check(Evictor evictor, std::function<void(evicting_windows::elements&)> const& evict) {
  for_each_seed(10, [&](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), size = pick<i64>(g, {60, 400}), late_by = pick<i64>(g, {0, 130});
    i64 const each = pick<i64>(g, {1, 2, 4});
    CAPTURE(bound, size, late_by, each);
    evicting_windows w(size, late_by, each, Evictor::after, evict);
    auto const chain =
        shown(bound, order::arrival, weir::tumbling_windows{weir::duration{size}}, weir::count_trigger{each},
              evictor, weir::allowed_lateness{weir::duration{late_by}});
    check_windows(data, bound, w, chain);
    check_restored(data, chain);
    if constexpr (Stopped)
      if (seed % 5 == 0) check_stopped(data, chain, seed);
  });
}

// One of one's own: it may leave nothing.
struct no_odd_ones {
  static constexpr bool after = false;
  void evict(weir::window_elements<rec>& elements) const {
    elements.drop_if([](rec const& r, weir::timestamp) { return r.value % 2 != 0; });
  }
};

TEST_CASE("evictors: random streams") {
  auto const last_three = [](auto& all) {
    if (all.size() > 3) all.erase(all.begin(), all.end() - 3);
  };
  check(weir::count_evictor{3}, last_three);
  check<true>(weir::evict_after(weir::count_evictor{3}), last_three);
  check<true>(weir::time_evictor{weir::duration{20}}, [](auto& all) {
    i64 newest = naive::min_time;
    for (auto const& e : all) newest = std::max(newest, e.second);
    std::erase_if(all, [newest](auto const& e) { return e.second <= newest - 20; });
  });
  check(weir::delta_evictor(4, [](rec const& r, rec const& last) { return std::abs(r.value - last.value); }),
        [](auto& all) {
          if (all.empty()) return;
          i64 const last = all.back().first;
          std::erase_if(all, [last](auto const& e) { return std::abs(e.first - last) >= 4; });
        });
  check(no_odd_ones{}, [](auto& all) { std::erase_if(all, [](auto const& e) { return e.first % 2 != 0; }); });
}

// The last `count` records with each slide-th one.
struct last_of : naive::op<rec, naive::row> {
  i64 count, slide;
  naive::outlet<rec> late;
  std::map<i64, std::pair<std::vector<i64>, i64>> keys;
  last_of(i64 c, i64 s) : count(c), slide(s) {}
  void on(rec const& r, i64) override {
    auto& [all, seen] = keys[r.key];
    all.push_back(r.value);
    if (++seen % slide != 0) return;
    if (static_cast<i64>(all.size()) > count) all.erase(all.begin(), all.end() - count);
    out.emit({r.key, naive::min_time, naive::max_time, all}, naive::max_time - 1);
  }
};
TEST_CASE("sliding_count_windows: random streams") {
  for_each_seed(15, [&](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), count = pick<i64>(g, {1, 3, 10}), slide = pick<i64>(g, {1, 2, 5});
    CAPTURE(bound, count, slide);
    last_of w(count, slide);
    auto const chain =
        shown(bound, order::arrival, weir::sliding_count_windows{.count = count, .slide = slide});
    check_windows(data, bound, w, chain);
    check_restored(data, chain);
  });
}

struct word {
  std::string text;
  int n;
};
using texts = std::vector<std::string>;
template <class... Window>
auto summing(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) |
         weir::aggregate(weir::count(), weir::sum(&word::n)) | weir::uid<"w"> |
         weir::map([](auto const& w) { return fmt::format("{} {}/{}", w["key"_c], w["count"_c], w["sum"_c]); });
}
texts of(auto& driver) {
  texts all;
  for (auto const& r : driver.take()) all.push_back(r.value);
  return all;
}

TEST_CASE("evictors: aggregate and reduce behind a window add up what is left") {
  auto t = weir::testing::test_driver<word>(
      summing(weir::tumbling_windows{100s}, weir::count_trigger{2}, weir::time_evictor{10s}));
  t.push({"a", 1}, at(1s));
  t.push({"a", 2}, at(10s));
  CHECK(of(t) == texts{"a 2/3"});
  t.push({"a", 4}, at(11s));
  t.push({"a", 8}, at(5s));  // the first is gone: 11 s - 10 s
  CHECK(of(t) == texts{"a 3/14"});
  t.push({"a", 16}, at(20s));
  t.push({"a", 32}, at(2s));
  CHECK(of(t) == texts{"a 2/20"});

  auto r = weir::testing::test_driver<word>(
      weir::key_by(&word::text) |
      weir::window(weir::global_windows{}, weir::count_trigger{1}, weir::count_evictor{2}) |
      weir::reduce([](word a, word const& b) {
        return word{a.text, a.n + b.n};
      }) |
      weir::map([](auto const& w) { return std::to_string(w["value"_c].n); }));
  for (int n : {1, 2, 4, 8}) r.push({"a", n}, at(1s));
  CHECK(of(r) == texts{"1", "3", "6", "12"});
}

TEST_CASE("evictors: windows that merge hold what is left of each") {
  auto t = weir::testing::test_driver<word>(summing(
      weir::session_windows{10s}, weir::evict_after(weir::count_evictor{1}), weir::allowed_lateness{60s}));
  t.push({"a", 1}, at(0s));
  t.push({"a", 2}, at(1s));
  t.push({"a", 4}, at(15s));
  t.watermark(at(12s));
  CHECK(of(t) == texts{"a 2/3"});
  t.push({"a", 8}, at(8s));  // [0, 11) with its last record, [15, 25) and this one
  CHECK(of(t).empty());
  t.finish();
  CHECK(of(t) == texts{"a 3/14"});
}

TEST_CASE("evictors: what cannot work says so before anything runs") {
  auto const said = [](auto evictor) {
    return weir_test::error_of(
        [&] { weir::testing::test_driver<word>(summing(weir::tumbling_windows{10s}, evictor)); });
  };
  CHECK_THAT(said(weir::count_evictor{}), weir_test::contains("weir::count_evictor: count is not positive; "));
  CHECK_THAT(said(weir::evict_after(weir::time_evictor{-1s})),
             weir_test::contains("weir::time_evictor: size is not positive; "));
  CHECK(weir::describe(weir::from(std::vector<rec>{}) | timed(0) |
                       weir::window(weir::tumbling_windows{10s}, weir::time_evictor{5s}) |
                       weir::aggregate(weir::count())) ==
        "from(range_source)\nassign_timestamps(bounded_out_of_orderness 0s)\nkey_by\n"
        "window(tumbling_windows 10s, time_evictor 5s)\naggregate(count)\n");
}

// Counts how often it is called, and with how many records.
template <bool After>
struct watching_evictor {
  static constexpr bool after = After;
  std::vector<std::size_t>* seen;
  template <class V>
  void evict(weir::window_elements<V>& elements) const {
    seen->push_back(elements.size());
  }
};
TEST_CASE("an evictor is not asked about a window that holds nothing") {
  auto const seen_by = []<bool After>(std::bool_constant<After>) {
    std::vector<std::size_t> seen;
    auto t = weir::testing::test_driver<word>(
        summing(weir::tumbling_windows{10s},
                weir::either_trigger(weir::purging(weir::count_trigger{2}), weir::event_time_trigger{}),
                watching_evictor<After>{&seen}));
    for (int s : {1, 2, 11}) t.push({"a", s}, at(1s * s));
    t.finish();
    return seen;
  };
  // [0, 10) has shown its two and forgotten them when its end comes.
  CHECK(seen_by(std::false_type{}) == std::vector<std::size_t>{2, 1});
  CHECK(seen_by(std::true_type{}) == std::vector<std::size_t>{2, 1});
}

}  // namespace evictor_test
