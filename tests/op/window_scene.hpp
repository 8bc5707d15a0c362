// Windows of random streams beside a naive oracle: at every batch size, restored between any two records, and stopped and
// started again on a state directory. The operator behind them is process_window, which shows all that a window holds.
#pragma once

#include "op/differential.hpp"
#include "oracle/naive_triggers.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <algorithm>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

BOOST_HANA_ADAPT_STRUCT(naive::rec, key, ts, value);

namespace window_scene {

using namespace differential;
using bounds = std::vector<std::pair<i64, i64>>;

inline auto timed(i64 bound) {
  return weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
         weir::key_by(&rec::key);
}
// Each window with its records; where a layout keeps them slice by slice, in order of their values.
struct show_all {
  order o = order::arrival;
  template <class Emit>
  void operator()(weir::keyed_window<i64> const& w, std::vector<rec> const& elements, Emit const& emit) const {
    result r;
    r.key = w.key, r.start = weir::ticks(w.window.start), r.end = weir::ticks(w.window.end);
    for (rec const& e : elements) r.values.push_back(e.value), r.sum += e.value;
    if (o == order::any) std::ranges::sort(r.values);
    emit(std::move(r));
  }
};
template <class... Option>
auto shown(i64 bound, order o, Option... option) {
  return timed(bound) | weir::window(option..., weir::late_to<"late">) |
         weir::process_window<"w", result>(show_all{o});
}
inline output expected_of(std::vector<stamped<naive::row>> const& rows, std::vector<stamped<rec>> const& late,
                          order o) {
  output e;
  for (auto const& r : rows) {
    result one;
    one.key = r.value.key, one.start = r.value.start, one.end = r.value.end, one.sum = r.value.sum();
    one.values = o == order::any ? r.value.sorted() : r.value.elements;
    e.results.push_back({one, r.ts});
  }
  e.late = late;
  return e;
}
// What an oracle makes of the data. Naive has the outlets out (of rows) and late.
template <class Naive>
output oracle_of(std::vector<rec> const& data, i64 bound, Naive& windows, order o = order::arrival) {
  naive::bounded<rec> head(time_of, bound);
  head.out.to(windows);
  naive::run(data, head);
  return expected_of(windows.out.got, windows.late.got, o);
}
template <class Chain>
output run(std::vector<rec> const& data, Chain const& chain, weir::batch_size batch) {
  output o;
  auto const r = weir::run(weir::from(data) | chain | late_to(o) | weir::into(tape<result>(o.results)), batch);
  CHECK(r.count("w", "late") == o.late.size());
  return o;
}

// A driver of its own for every record gives what one for all of them gives.
template <class Chain>
void check_restored(std::vector<rec> const& data, Chain const& chain) {
  auto const play = [&](bool restored) {
    output got;
    std::string saved = weir::testing::test_driver<rec, weir::untimed>(chain).snapshot();
    using driver = decltype(weir::testing::test_driver<rec, weir::untimed>(chain, saved));
    auto t = std::make_unique<driver>(chain, saved);
    auto const take = [&] {
      for (auto const& r : t->take()) got.results.push_back({r.value, weir::ticks(r.at)});
      for (auto const& r : t->template take_side<"late">()) got.late.push_back({r.value, weir::ticks(r.at)});
    };
    for (rec const& r : data) {
      if (restored) t = std::make_unique<driver>(chain, saved);
      t->push(r);
      take();
      if (restored) saved = t->snapshot();
    }
    t->finish();
    take();
    return got;
  };
  // After a restart the keys of one instant may fire in another order.
  output const got = sorted(play(true)), want = sorted(play(false));
  REQUIRE(difference(got.results, want.results) == "");
  REQUIRE(difference(got.late, want.late) == "");
}
// Stopped after every few records and started again on the same directory, as one run.
template <class Chain>
void check_stopped(std::vector<rec> const& data, Chain const& chain, std::uint64_t seed) {
  naive::rng g(seed);
  output const want = sorted(run(data, chain, weir::batch_size{1}));
  weir_test::temp_directory folder;
  output got;
  int runs = 0;
  for (weir::outcome status = weir::outcome::stopped; status != weir::outcome::finished; ++runs) {
    REQUIRE(runs < 1000);
    std::stop_source stop;
    i64 left = 1 + naive::below(g, 40);
    auto const count_down = weir::inspect([&](rec const&) {
      if (--left == 0) stop.request_stop();
    });
    auto const p = weir::from(data, weir::uid<"in">) | count_down | chain |
                   weir::side<"late">(weir::into(tape<rec>(got.late), weir::uid<"late out">)) |
                   weir::into(tape<result>(got.results), weir::uid<"out">);
    status = weir::run(p, weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
                       weir::batch_size{static_cast<std::size_t>(1 + naive::below(g, 9))}, stop.get_token())
                 .status;
  }
  CHECK(runs > 1);
  got = sorted(got);
  REQUIRE(difference(got.results, want.results) == "");
  REQUIRE(difference(got.late, want.late) == "");
}

// All of it. chain comes from shown(...).
template <class Naive, class Chain>
void check_windows(std::vector<rec> const& data, i64 bound, Naive& oracle, Chain const& chain,
                   order o = order::arrival) {
  require_equal(oracle_of(data, bound, oracle, o),
                [&](weir::batch_size batch) { return run(data, chain, batch); });
}

}  // namespace window_scene
