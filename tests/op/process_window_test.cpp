// process_window: a function of all the records of a window, in every layout of windows.
#include "error_of.hpp"
#include "op/window_scene.hpp"

#include <string>
#include <vector>

using namespace window_scene;
using namespace std::chrono_literals;
using weir::testing::at;

namespace process_window_test {

struct word {
  std::string text;
  int n;
};
using timed_word = weir::stream<word, true>;

auto const list = [](weir::keyed_window<std::string> const& w, std::vector<word> const& elements,
                     auto const& emit) {
  std::string text = fmt::format("{} [{}, {})", w.key, weir::ticks(w.window.start) / 1'000'000,
                                 weir::ticks(w.window.end) / 1'000'000);
  for (word const& e : elements) text += " " + std::to_string(e.n);
  emit(text);
  if (elements.size() > 2) emit(w.key + " often");
};
using texts = std::vector<weir::timed_value<std::string>>;

static_assert(!weir::accepts<decltype(weir::process_window<std::string>(list)), timed_word>);

TEST_CASE("process_window: a trace with lateness and a record that is too late") {
  auto t = weir::testing::test_driver<word>(
      weir::key_by(&word::text) |
      weir::window(weir::tumbling_windows{10s}, weir::allowed_lateness{5s}, weir::late_to<"late">) |
      weir::process_window<"w", std::string>(list));
  t.push({"a", 1}, at(3s));
  t.push({"b", 2}, at(4s));
  t.push({"a", 3}, at(1s));
  t.watermark(at(9s));
  CHECK(t.take().empty());
  t.watermark(at(10s));
  auto fired = t.take();
  std::ranges::sort(fired, {}, [](auto const& f) { return f.value; });
  CHECK(fired == texts{{"a [0, 10) 1 3", at(10s) - weir::tick}, {"b [0, 10) 2", at(10s) - weir::tick}});
  t.push({"a", 4}, at(2s));
  CHECK(t.take() == texts{{"a [0, 10) 1 3 4", at(10s) - weir::tick}, {"a often", at(10s) - weir::tick}});
  t.watermark(at(15s));
  t.push({"a", 5}, at(2s));
  CHECK(t.take().empty());
  CHECK(t.take_side<"late">().size() == 1);
  CHECK(weir::describe(weir::from(std::vector<rec>{}) | timed(0) | weir::window(weir::tumbling_windows{10s}) |
                       weir::process_window<"w", result>(show_all{})) ==
        "from(range_source)\n"
        "assign_timestamps(bounded_out_of_orderness 0s)\n"
        "key_by\n"
        "window(tumbling_windows 10s)\n"
        "process_window \"w\"\n");
}

// Behind it windows again: what f emits has a time.
TEST_CASE("process_window: windows of what windows give") {
  auto t = weir::testing::test_driver<word>(
      weir::key_by(&word::text) | weir::window(weir::tumbling_windows{10s}) |
      weir::process_window<"w", word>([](auto const& w, auto const& elements, auto const& emit) {
        emit(word{"all", static_cast<int>(w.key.size() + elements.size())});
      }) |
      weir::key_by(&word::text) | weir::window(weir::tumbling_windows{20s}) |
      weir::process_window<"all", std::string>(list));
  for (int i = 0; i < 3; ++i) t.push({"x", i}, at(7s * i));
  t.finish();
  CHECK(t.take() == texts{{"all [0, 20) 3 2", at(20s) - weir::tick}});
}

TEST_CASE("process_window: random streams in tumbling and sliding windows") {
  for_each_seed(20, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), slide = pick<i64>(g, {7, 25, 80}), offset = pick_offset(g, slide);
    i64 const size = slide * pick<i64>(g, {1, 2, 3}) + naive::below(g, 2), l = pick<i64>(g, {0, 40});
    {
      CAPTURE(bound, l, slide, offset);
      naive::tumbling<rec> w(slide, offset, l, key_of, value_of);
      auto const chain =
          shown(bound, order::arrival, weir::tumbling_windows{weir::duration{slide}, weir::duration{offset}},
                weir::allowed_lateness{weir::duration{l}});
      check_windows(data, bound, w, chain);
      check_restored(data, chain);
    }
    CAPTURE(bound, l, size, slide, offset);
    naive::sliding<rec> w(size, slide, offset, l, key_of, value_of);
    auto const chain =
        shown(bound, order::any,
              weir::sliding_windows{weir::duration{size}, weir::duration{slide}, weir::duration{offset}},
              weir::allowed_lateness{weir::duration{l}});
    check_windows(data, bound, w, chain, order::any);
    if (seed % 4 == 0) check_restored(data, chain);
  });
}

TEST_CASE("process_window: random streams in sessions") {
  for_each_seed(20, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), gap = pick<i64>(g, {5, 20, 64}), l = pick<i64>(g, {0, 40});
    CAPTURE(bound, l, gap);
    naive::sessions<rec> w(gap, l, key_of, value_of);
    auto const chain = shown(bound, order::any, weir::session_windows{weir::duration{gap}},
                             weir::allowed_lateness{weir::duration{l}});
    check_windows(data, bound, w, chain, order::any);
    check_restored(data, chain);
    if (seed % 8 == 0) check_stopped(data, chain, seed);
  });
}

// As weir's count_trigger, purging.
struct every_third {
  using state = i64;
  static naive::verdict on_element(auto const& c, rec const&) {
    if (++c.state() < 3) return naive::verdict::proceed;
    c.state() = 0;
    return naive::verdict::fire_and_purge;
  }
  static naive::verdict on_timer(auto const&, i64) { return naive::verdict::proceed; }
  static void on_merge(auto const& c, i64 absorbed) { c.state() += absorbed; }
};
TEST_CASE("process_window: random streams in the general store, with a trigger that purges") {
  for_each_seed(20, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), size = pick<i64>(g, {25, 80, 500}), l = pick<i64>(g, {0, 40});
    CAPTURE(bound, l, size);
    naive::triggered<every_third> w(
        [&](rec const& r) {
          i64 const start = r.ts - naive::floor_mod(r.ts, size);
          return bounds{{start, start + size}};
        },
        false, l);
    auto const chain = shown(bound, order::arrival, weir::tumbling_windows{weir::duration{size}},
                             weir::purging(weir::count_trigger{3}), weir::allowed_lateness{weir::duration{l}});
    check_windows(data, bound, w, chain);
    check_restored(data, chain);
    if (seed % 8 == 0) check_stopped(data, chain, seed);
  });
}

// Nobody can look into a struct with a constructor.
struct forgetful {
  weir::value_state<int, "seen"> seen;
  forgetful() {}
  template <class Context, class Emit>
  void operator()(weir::keyed_window<std::string> const& w, std::vector<word> const&, Context&,
                  Emit const& emit) const {
    seen.update(1);
    emit(w.key);
  }
};
TEST_CASE("process_window: a handle that states() does not name says so") {
  auto t =
      weir::testing::test_driver<word>(weir::key_by(&word::text) | weir::window(weir::tumbling_windows{10s}) |
                                       weir::process_window<"w", std::string>(forgetful{}));
  t.push({"a", 1}, at(3s));
  CHECK_THAT(weir_test::error_of([&] { t.watermark(at(10s)); }),
             weir_test::contains("the state handle \"seen\" is of no key here; "));
}

}  // namespace process_window_test
