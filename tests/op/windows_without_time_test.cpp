// Windows on streams without event time: those that count and global ones, which need none, and those by the clock, in runs.
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

namespace windows_without_time_test {
struct word {
  std::string text;
  int n;
};
}  // namespace windows_without_time_test
BOOST_HANA_ADAPT_STRUCT(windows_without_time_test::word, text, n);

namespace windows_without_time_test {

using lines = std::vector<std::string>;
using untimed_word = weir::stream<word, false>;

// What a window holds, how often it has fired, and its last word. By the clock with it.
struct list_all {
  weir::value_state<int, "times"> times;
  weir::value_state<int, "of key"> of_key;
  auto window_states() { return std::tie(times); }
  auto states() { return std::tie(of_key); }
  using side_outputs = weir::side_outputs<weir::side_output<"ends", std::string>>;

  template <class Window, class Context, class Emit>
  void operator()(Window const& w, std::vector<word> const& elements, Context& context,
                  Emit const& emit) const {
    std::string text = fmt::format("{} {}/{} at {}:", w.key, ++times.get(), ++of_key.get(),
                                   weir::ticks(context.processing_time()) / 1'000'000);
    for (word const& e : elements) text += fmt::format(" {}", e.n);
    emit(text);
  }
  template <class Window, class Context>
  void clear(Window const& w, Context& context) const {
    context.side(weir::to<"ends">, fmt::format("{} {}", w.key, times.value_or(0)));
  }
};
template <class... Window>
auto listed(Window... window) {
  return weir::key_by(&word::text) | weir::window(window...) |
         weir::process_window<"w", std::string>(list_all{});
}
// a 1, b 2, a 4, ... at 1 s, 2 s, ..., with a driver of its own for each where `restored`.
template <class Chain>
lines play(Chain const& chain, bool restored) {
  std::pair<lines, lines> all;  // results, and last words
  std::string saved = weir::testing::test_driver<word, weir::untimed>(chain).snapshot();
  using driver = decltype(weir::testing::test_driver<word, weir::untimed>(chain, saved));
  auto t = std::make_unique<driver>(chain, saved);
  auto const take = [&] {
    for (auto const& s : t->take()) {
      if constexpr (requires { s.value; })
        all.first.push_back(s.value);
      else
        all.first.push_back(s);
    }
    for (auto const& s : t->template take_side<"ends">()) {
      if constexpr (requires { s.value; })
        all.second.push_back(s.value);
      else
        all.second.push_back(s);
    }
  };
  for (int i = 0; i < 7; ++i) {
    if (restored) t = std::make_unique<driver>(chain, saved);
    t->processing_time(at(1s * (i + 1)));
    t->push({i % 3 == 1 ? "b" : "a", 1 << i});
    take();
    if (restored) saved = t->snapshot();
  }
  t->finish();
  take();
  std::sort(all.second.begin(), all.second.end());
  all.first.insert(all.first.end(), all.second.begin(), all.second.end());
  return all.first;
}

TEST_CASE("windows that count need no event time, and give none") {
  static_assert(!weir::output_of<decltype(listed(weir::count_windows{2})), untimed_word>::timed);
  static_assert(weir::output_of<decltype(listed(weir::count_windows{2})), weir::stream<word, true>>::timed);
  static_assert(!weir::accepts<decltype(listed(weir::tumbling_windows{2s})), untimed_word>);
  for (bool restored : {false, true}) {
    CHECK(play(listed(weir::count_windows{2}), restored) ==
          lines{"a 1/1 at 3: 1 4", "b 1/1 at 5: 2 16", "a 2/2 at 6: 8 32", "a 2", "b 1"});
    CHECK(play(listed(weir::sliding_count_windows{.count = 3, .slide = 2}), restored) ==
          lines{"a 1/1 at 3: 1 4", "b 1/1 at 5: 2 16", "a 2/2 at 6: 4 8 32", "a 2", "b 1"});
    // Full, or old by the clock; a trigger counts anew behind a timeout.
    CHECK(play(listed(weir::global_windows{},
                      weir::purging(weir::timeout_trigger(weir::count_trigger{.count = 3}, 2s))),
               restored) == lines{"a 1/1 at 3: 1", "b 1/1 at 4: 2", "a 2/2 at 5: 4 8", "b 2/2 at 7: 16",
                                  "a 3/3 at 7: 32 64", "a 3", "b 2"});
  }
}

TEST_CASE("windows by the clock: all records of a window, and what is kept for it") {
  for (bool restored : {false, true})
    CHECK(play(listed(weir::by_processing_time(weir::tumbling_windows{3s}), weir::count_evictor{2}),
               restored) == lines{"a 1/1 at 3: 1", "b 1/1 at 3: 2", "a 1/2 at 6: 4 8", "b 1/2 at 6: 16",
                                  "a 1/3 at 7: 32 64", "a 1", "a 1", "a 1", "b 1", "b 1"});
}

TEST_CASE("windows by the clock: reduce, for all of a stream") {
  auto t = weir::testing::test_driver<word, weir::untimed>(
      weir::window_all(weir::by_processing_time(weir::session_windows{2s})) |
      weir::reduce([](word a, word const& b) {
        return word{a.text + b.text, a.n + b.n};
      }));
  for (int s : {1, 2, 3, 6, 7}) t.processing_time(at(1s * s)), t.push({std::to_string(s), s});
  t.processing_time(at(9s));
  auto const out = t.take();
  REQUIRE(out.size() == 2);
  CHECK(out[0].value["value"_c].text == "123");
  CHECK(out[0].at == at(5s) - weir::tick);
  CHECK(out[1].value["value"_c].n == 13);
  CHECK(weir::describe(weir::from(std::vector<word>{}) |
                       weir::window_all(weir::by_processing_time(weir::session_windows{2s})) |
                       weir::aggregate(weir::count())) ==
        "from(range_source)\n"
        "window_all(session_windows 2s, by processing time)\n"
        "aggregate(count)\n");
  CHECK(weir::describe(weir::from(std::vector<word>{}) |
                       weir::window_all(weir::by_processing_time(weir::cumulative_windows{1h, 1min}),
                                        weir::continuous_processing_time_trigger{10s}) |
                       weir::aggregate(weir::count()))
            .starts_with("from(range_source)\n"
                         "window_all(cumulative_windows 1h, continuous_processing_time_trigger 10s, by "
                         "processing time)\n"));
}

// One record, then silence until that has had its effect. It waits as long as it is told to.
struct hesitant {
  using value_type = word;
  static constexpr bool replayable = true;
  lines const* seen;
  int count;

  class reader {
   public:
    reader(hesitant const& h, weir::source_context const&) : seen_(h.seen), count_(h.count) {}
    static constexpr std::size_t splits() { return 1; }
    std::span<word const> poll(std::size_t, std::size_t, auto deadline) {
      if (next_ < count_ && static_cast<int>(seen_->size()) >= next_) return {&one_, 1};
      ++waits;
      std::this_thread::sleep_until(deadline);
      return {};
    }
    void consume(std::size_t, std::size_t n) { next_ += static_cast<int>(n); }
    bool ended(std::size_t) const { return next_ == count_ && static_cast<int>(seen_->size()) == next_; }
    void save(std::string& out) const { out.push_back(static_cast<char>(next_)); }
    void restore(std::string_view saved) { next_ = saved[0]; }
    static inline int waits = 0;

   private:
    lines const* seen_;
    int count_;
    word one_{"a", 1};
    int next_ = 0;
  };
};

TEST_CASE("windows by the clock: a run fires them while no record comes") {
  lines out;
  weir::run(weir::from(hesitant{&out, 5}) | weir::key_by(&word::text) |
            weir::window(weir::by_processing_time(weir::tumbling_windows{2ms})) |
            weir::aggregate(weir::count()) |
            weir::map([](auto const& w) { return std::to_string(w["count"_c]); }) |
            weir::into([&](std::string const& s) { out.push_back(s); }));
  CHECK(out == lines(5, "1"));
  CHECK(hesitant::reader::waits < 1000);  // it is told how long, and not to look again at once
}

TEST_CASE("windows by the clock: stopped and started on a state directory, each record is in one result") {
  weir_test::temp_directory const folder;
  std::vector<word> in;
  for (int i = 0; i < 400; ++i) in.push_back({std::string(1, static_cast<char>('a' + i % 5)), i});
  std::map<std::pair<std::string, weir::timestamp>, int> windows;
  std::int64_t sum = 0;
  int runs = 0;
  for (weir::outcome status = weir::outcome::stopped; status != weir::outcome::finished; ++runs) {
    REQUIRE(runs < 1000);
    std::stop_source stop;
    int left = 50;
    auto const p = weir::from(in, weir::uid<"in">) | weir::inspect([&](word const&) {
                     if (--left == 0) stop.request_stop();
                   }) |
                   weir::key_by(&word::text) |
                   weir::window(weir::by_processing_time(weir::tumbling_windows{100us})) |
                   weir::aggregate(weir::sum(&word::n)) | weir::uid<"w"> |
                   weir::into(
                       [&](auto const& w) {
                         ++windows[{w["key"_c], w["window_start"_c]}];
                         sum += w["sum"_c];
                       },
                       weir::uid<"out">);
    status = weir::run(p, weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{.every = 1h},
                       weir::at_least_once, weir::batch_size{2}, stop.get_token())
                 .status;
  }
  CHECK(runs > 5);
  CHECK(sum == 400 * 399 / 2);
  CHECK(std::all_of(windows.begin(), windows.end(), [](auto const& w) { return w.second == 1; }));
}

}  // namespace windows_without_time_test
