// window_all: windows of a stream without key, in every layout.
#include "op/window_scene.hpp"

#include <string>
#include <vector>

using namespace window_scene;
using namespace std::chrono_literals;
using weir::testing::at;

namespace window_all_test {

struct word {
  std::string text;
  int n;
};
using weir::field_count;

TEST_CASE("window_all: a trace; a row has no key") {
  auto t = weir::testing::test_driver<word>(
      weir::window_all(weir::tumbling_windows{10s}) |
      weir::aggregate(weir::count(), weir::sum(&word::n) | weir::as<"total">) | weir::uid<"w">);
  t.push({"a", 1}, at(1s));
  t.push({"b", 2}, at(2s));
  t.push({"a", 4}, at(12s));
  t.finish();
  auto const rows = t.take();
  REQUIRE(rows.size() == 2);
  using row = std::remove_cvref_t<decltype(rows[0].value)>;
  static_assert(field_count<row> == 4);
  static_assert(weir::field_index<row>("key") == 4);
  CHECK(rows[0].value["window_start"_c] == at(0s));
  CHECK(rows[0].value["window_end"_c] == at(10s));
  CHECK(rows[0].value["count"_c] == 2);
  CHECK(rows[0].value["total"_c] == 3);
  CHECK(rows[0].at == at(10s) - weir::tick);
  CHECK(rows[1].value["total"_c] == 4);
  CHECK(weir::describe(weir::from(std::vector<rec>{}) | timed(0) |
                       weir::window_all(weir::tumbling_windows{10s}) | weir::aggregate(weir::count())) ==
        "from(range_source)\nassign_timestamps(bounded_out_of_orderness 0s)\nkey_by\n"
        "window_all(tumbling_windows 10s)\naggregate(count)\n");
}

struct show_all_of_them {
  template <class Emit>
  void operator()(weir::keyed_window<std::tuple<>> const& w, std::vector<rec> const& elements,
                  Emit const& emit) const {
    window_scene::show_all{order::any}(weir::keyed_window<i64>{0, w.window}, elements, emit);
  }
};
template <class... Window>
auto of_all(i64 bound, Window... window) {
  return weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
         weir::window_all(window..., weir::late_to<"late">) |
         weir::process_window<"w", result>(show_all_of_them{});
}
// What aggregate and reduce give, as the oracle shows it.
template <class... Window>
auto sums_of_all(i64 bound, Window... window) {
  return weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
         weir::window_all(window..., weir::late_to<"late">) |
         weir::aggregate(weir::sum(&rec::value), weir::collect(&rec::value)) | weir::uid<"w"> |
         weir::map([](auto const& w) {
           result r;
           r.start = weir::ticks(w["window_start"_c]), r.end = weir::ticks(w["window_end"_c]);
           r.sum = w["sum"_c], r.values = w["collect"_c];
           std::ranges::sort(r.values);
           return r;
         });
}
template <class Make>
void check(std::uint64_t seed, Make const& oracle, auto const& chain, i64 bound) {
  auto const data = naive::random_stream(seed, 120);
  auto w = oracle();
  check_windows(data, bound, w, chain, order::any);
  check_restored(data, chain);
  if (seed % 6 == 0) check_stopped(data, chain, seed);
}

TEST_CASE("window_all: random streams in every layout") {
  for_each_seed(12, [](std::uint64_t seed) {
    naive::rng g(seed);
    i64 const bound = pick_bound(g), slide = pick<i64>(g, {7, 25, 80}), late_by = pick<i64>(g, {0, 40});
    CAPTURE(bound, slide, late_by);
    weir::allowed_lateness const late{weir::duration{late_by}};
    auto const no_key = [](rec const&) -> i64 { return 0; };
    weir::tumbling_windows const tumbling{weir::duration{slide}};
    auto const tumbled = [&] { return naive::tumbling<rec>(slide, 0, late_by, no_key, value_of); };
    check(seed, tumbled, of_all(bound, tumbling, late), bound);
    check(seed, tumbled, sums_of_all(bound, tumbling, late), bound);
    check(
        seed, [&] { return naive::sliding<rec>(3 * slide, slide, 0, late_by, no_key, value_of); },
        of_all(bound, weir::sliding_windows{weir::duration{3 * slide}, weir::duration{slide}}, late), bound);
    check(
        seed, [&] { return naive::sessions<rec>(slide, late_by, no_key, value_of); },
        sums_of_all(bound, weir::session_windows{weir::duration{slide}}, late), bound);
    check(seed, tumbled,
          sums_of_all(bound, tumbling, late,
                      weir::either_trigger(weir::event_time_trigger{}, weir::never_trigger{})),
          bound);
  });
}

}  // namespace window_all_test
