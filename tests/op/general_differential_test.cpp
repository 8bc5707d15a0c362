// The general store against the fast layouts, against an oracle with a trigger that does everything, and against itself
// where it is stopped and started again.
#include "op/differential.hpp"
#include "oracle/naive_triggers.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <concepts>
#include <string>
#include <vector>

using namespace differential;

namespace {

// The default by another name, so that nothing is known of it.
struct as_ever : weir::event_time_trigger {};
static_assert(weir::detail::regular_windows<weir::sliding_windows, weir::event_time_trigger>);
static_assert(!weir::detail::regular_windows<weir::sliding_windows, as_ever>);

std::vector<i64> times(output const& o) {
  std::vector<i64> all;
  for (auto const& r : o.results) all.push_back(r.ts);
  return all;
}

auto timed(i64 bound) {
  return weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
         weir::key_by(&rec::key);
}
// A chain with window(options...) in it.
template <class... Window>
auto windowed(i64 bound, Window... window) {
  return timed(bound) | weir::window(window..., weir::late_to<"late">) | invertible_functions() |
         weir::uid<"w">;
}
template <class Chain>
output run(std::vector<rec> const& data, Chain const& chain, weir::batch_size batch) {
  output o;
  auto const r = weir::run(
      weir::from(data) | chain | late_to(o) | to_result() | weir::into(tape<result>(o.results)), batch);
  CHECK(r.count("w", "late") == o.late.size());
  return o;
}

// One assigner, with the default trigger as it is and under the other name.
template <class Windows, class Assigner, class... Option>
void compare(std::vector<rec> const& data, i64 bound, Windows& oracle, Assigner assigner, Option... option) {
  naive::bounded<rec> head(time_of, bound);
  head.out.to(oracle);
  naive::run(data, head);
  auto const general = windowed(bound, assigner, as_ever{}, option...);
  require_equal(in_brief(expected(oracle)), [&](weir::batch_size batch) { return run(data, general, batch); });
  output const one = run(data, general, weir::batch_size{1});
  output const fast = run(data, windowed(bound, assigner, option...), weir::batch_size{4096});
  REQUIRE(difference(sorted(one).results, sorted(fast).results) == "");
  REQUIRE(difference(one.late, fast.late) == "");
  REQUIRE(times(one) == times(fast));
}

// A trigger that does everything that a trigger can do. In one logic for both sides.
struct memory {
  i64 seen = 0, mark = 0;
};
using naive::verdict;
struct step {
  using state = memory;
  static verdict on_element(auto const& c, rec const& r) {
    memory& m = c.state();
    ++m.seen;
    c.delete_timer(m.mark + 15);
    m.mark = std::max(m.mark, c.time());
    c.set_timer(m.mark + 15);
    c.set_timer(c.end() - 1);
    if (r.value % 4 == 0) c.set_timer(c.time() + 20 + r.value);
    if (r.value % 5 == 1) c.set_timer(c.time() - 40);
    if (r.value % 7 == 2) c.set_timer(c.watermark() < 0 ? 0 : c.watermark());
    if (m.seen % 6 == 5) return verdict::fire_and_purge;
    if (r.value % 9 == 3) return verdict::fire;
    return r.value % 11 == 5 ? verdict::purge : verdict::proceed;
  }
  static verdict on_timer(auto const& c, i64 t) {
    memory& m = c.state();
    ++m.seen;
    if (m.seen % 3 == 0) c.set_timer(t + 7);
    if (m.seen % 5 == 1) c.set_timer(t - 5);
    if (m.seen % 7 == 1) c.delete_timer(c.end() - 1);
    if (m.seen % 13 == 3 && c.watermark() < 1'000'000'000) m.mark += c.watermark() % 3;
    if (t == c.end() - 1) return verdict::fire;
    return m.seen % 4 == 0 ? verdict::fire_and_purge : m.seen % 4 == 1 ? verdict::fire : verdict::proceed;
  }
  static void on_merge(auto const& c, memory const& absorbed) {
    memory& m = c.state();
    m.seen += absorbed.seen;
    m.mark = std::max(m.mark, absorbed.mark);
    c.set_timer(m.mark + 15);
    c.set_timer(c.end() - 1);
  }
};

template <class Context>
struct weir_api {
  Context& context;
  i64 end() const { return weir::ticks(context.window().end); }
  i64 time() const { return weir::ticks(context.time()); }
  i64 watermark() const { return weir::ticks(context.watermark()); }
  memory& state() const { return context.state(); }
  void set_timer(i64 t) const { context.set_timer(weir::from_ticks(t)); }
  void delete_timer(i64 t) const { context.delete_timer(weir::from_ticks(t)); }
};
struct everything {
  using state = memory;
  static weir::trigger_result told(verdict v) { return static_cast<weir::trigger_result>(v); }
  template <class Context>
  weir::trigger_result on_element(rec const& r, Context& c) const {
    return told(step::on_element(weir_api<Context>{c}, r));
  }
  template <class Context>
  weir::trigger_result on_event_time(weir::timestamp at, Context& c) const {
    return told(step::on_timer(weir_api<Context>{c}, weir::ticks(at)));
  }
  template <class Context>
  void on_merge(memory const& absorbed, Context& c) const {
    step::on_merge(weir_api<Context>{c}, absorbed);
  }
};

// Windows that follow from the record, some in several, some in none.
struct by_value {
  static constexpr bool merging = false;
  static std::vector<std::pair<i64, i64>> windows(rec const& r) {
    std::vector<std::pair<i64, i64>> all;
    for (i64 i = 0; i < (r.value % 4 + 4) % 4; ++i) {
      i64 const start = r.ts - naive::floor_mod(r.ts, 30) - 30 * i;
      all.push_back({start, start + 30 + 20 * i});
    }
    return all;
  }
  template <class Emit>
  void assign(rec const& r, weir::timestamp, Emit const& emit) const {
    for (auto const& [start, end] : windows(r))
      emit(weir::time_window{weir::from_ticks(start), weir::from_ticks(end)});
  }
  void check() const {}
};
// Sessions whose gap each record says.
struct own_gap {
  static constexpr bool merging = true;
  static std::vector<std::pair<i64, i64>> windows(rec const& r) {
    return {{r.ts, r.ts + 1 + naive::floor_mod(r.value, 40)}};
  }
  template <class Emit>
  void assign(rec const& r, weir::timestamp at, Emit const& emit) const {
    emit(weir::time_window{at, weir::from_ticks(windows(r).front().second)});
  }
  void check() const {}
};

// f(data, bound, lateness, the oracle's assigner, whether it merges, weir's assigner)
template <class F>
void with_each_assigner(std::uint64_t seed, F const& f) {
  naive::rng g(seed);
  auto const data = naive::random_stream(seed, 120);
  i64 const bound = pick_bound(g), late_by = pick<i64>(g, {0, 15, 130});
  i64 const slide = pick<i64>(g, {10, 25}), size = slide * pick<i64>(g, {1, 3}) + pick<i64>(g, {0, 4});
  CAPTURE(bound, late_by, size, slide);
  auto const grid = [&](rec const& r) {
    std::vector<std::pair<i64, i64>> all;
    for (i64 start = r.ts - naive::floor_mod(r.ts, slide); start > r.ts - size; start -= slide)
      all.push_back({start, start + size});
    return all;
  };
  f(data, bound, late_by, grid, false, weir::sliding_windows{weir::duration{size}, weir::duration{slide}});
  f(data, bound, late_by, by_value::windows, false, by_value{});
  f(data, bound, late_by, own_gap::windows, true, own_gap{});
}

template <class Assigner>
auto with_everything(i64 bound, i64 late_by, Assigner assigner) {
  return windowed(bound, assigner, everything{}, weir::allowed_lateness{weir::duration{late_by}});
}

}  // namespace

// The state of a trigger of one's own.
BOOST_HANA_ADAPT_STRUCT(memory, seen, mark);

TEST_CASE("tumbling windows in the general store give what panes give") {
  for_each_seed(30, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), size = pick<i64>(g, {1, 7, 50, 333}), offset = pick_offset(g, size);
    with_lateness(g, [&](i64 l, auto... option) {
      CAPTURE(bound, l, sizeof...(option), size, offset);
      naive::tumbling<rec> w(size, offset, l, key_of, value_of);
      compare(data, bound, w, weir::tumbling_windows{weir::duration{size}, weir::duration{offset}}, option...);
    });
  });
}

TEST_CASE("sliding windows in the general store give what slices give") {
  for_each_seed(30, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), slide = pick<i64>(g, {3, 10, 50});
    i64 const size = slide * (1 + naive::below(g, 4)) + naive::below(g, 2), offset = pick_offset(g, slide);
    i64 const l = pick<i64>(g, {0, 15, 130});
    CAPTURE(bound, l, size, slide, offset);
    naive::sliding<rec> w(size, slide, offset, l, key_of, value_of);
    compare(data, bound, w,
            weir::sliding_windows{weir::duration{size}, weir::duration{slide}, weir::duration{offset}},
            weir::allowed_lateness{weir::duration{l}});
  });
}

TEST_CASE("sessions in the general store give what inline sessions give") {
  for_each_seed(30, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), gap = pick<i64>(g, {1, 5, 20, 64, 1000});
    i64 const l = pick<i64>(g, {0, 15, 130});
    CAPTURE(bound, l, gap);
    naive::sessions<rec> w(gap, l, key_of, value_of);
    compare(data, bound, w, weir::session_windows{weir::duration{gap}},
            weir::allowed_lateness{weir::duration{l}});
  });
}

TEST_CASE("a trigger that does everything, as the oracle has it, at each batch size and through each restart") {
  for_each_seed(15, [](std::uint64_t seed) {
    with_each_assigner(seed, [&](auto const& data, i64 bound, i64 late_by, auto const& assign, bool merging,
                                 auto assigner) {
      bool const by_record = std::same_as<decltype(assigner), by_value>;
      CAPTURE(merging, by_record);
      naive::bounded<rec> head(time_of, bound);
      naive::triggered<step> w(assign, merging, late_by);
      head.out.to(w);
      naive::run(data, head);
      output want;
      for (auto const& r : w.out.got) want.results.push_back({brief(r.value), r.ts});
      want.late = w.late.got;
      auto const chain = with_everything(bound, late_by, assigner);
      require_equal(want, [&](weir::batch_size batch) { return run(data, chain, batch); });

      // A driver of its own for each few records, sometimes for each one.
      output const one = run(data, chain, weir::batch_size{1});
      output got;
      auto const rows = chain | to_result();
      i64 const length = seed % 3 == 0 ? 17 : 1;
      std::string bytes;
      for (std::size_t from = 0; from <= data.size(); from += static_cast<std::size_t>(length)) {
        auto const go = [&](auto&& t) {
          for (std::size_t i = from; i < std::min(data.size(), from + static_cast<std::size_t>(length)); ++i)
            t.push(data[i]);
          if (from + static_cast<std::size_t>(length) > data.size()) t.finish();
          for (auto const& r : t.take()) got.results.push_back({r.value, weir::ticks(r.at)});
          for (auto const& r : t.template take_side<"late">()) got.late.push_back({r.value, weir::ticks(r.at)});
          bytes = t.snapshot();
        };
        if (from == 0)
          go(weir::testing::test_driver<rec, weir::untimed>(rows));
        else
          go(weir::testing::test_driver<rec, weir::untimed>(rows, bytes));
      }
      REQUIRE(difference(got.results, one.results) == "");
      REQUIRE(difference(got.late, one.late) == "");
    });
  });
}

TEST_CASE("a trigger that does everything, on a state directory that is stopped and started") {
  for_each_seed(4, [](std::uint64_t seed) {
    with_each_assigner(seed, [&](auto const& data, i64 bound, i64 late_by, auto const&, bool merging,
                                 auto assigner) {
      bool const by_record = std::same_as<decltype(assigner), by_value>;
      CAPTURE(merging, by_record);
      auto const chain = with_everything(bound, late_by, assigner);
      output const want = run(data, chain, weir::batch_size{1});
      naive::rng g(seed);
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
        auto const late = weir::side<"late">(weir::into(tape<rec>(got.late), weir::uid<"late out">));
        auto const p = weir::from(data, weir::uid<"in">) | count_down | chain | late | to_result() |
                       weir::into(tape<result>(got.results), weir::uid<"out">);
        status = weir::run(p, weir::lmdb_store{folder / "state"},
                           weir::periodic_checkpoints{.every = naive::one_in(g, 2) ? std::chrono::nanoseconds{1}
                                                                                   : std::chrono::hours{1}},
                           weir::at_least_once,
                           weir::batch_size{static_cast<std::size_t>(1 + naive::below(g, 9))}, stop.get_token())
                     .status;
      }
      CHECK(runs > 1);
      REQUIRE(difference(sorted(got).results, sorted(want).results) == "");
      REQUIRE(difference(sorted(got).late, sorted(want).late) == "");
      REQUIRE(times(got) == times(want));
    });
  });
}
