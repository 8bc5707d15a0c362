// Assigners and triggers of the general store, beside a naive oracle, at every batch size and through every restart.
#include "op/window_scene.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace window_scene;
using naive::verdict;

namespace assigners_differential_test {

// As weir's event_time_trigger.
struct at_end {
  using state = bool;
  static verdict on_element(auto const& c, rec const&) {
    if (c.end() - 1 <= c.watermark()) return verdict::fire;
    c.set_timer(c.end() - 1);
    return verdict::proceed;
  }
  static verdict on_timer(auto const& c, i64 t) { return t == c.end() - 1 ? verdict::fire : verdict::proceed; }
  static void on_merge(auto const& c, bool) {
    if (c.end() - 1 > c.watermark()) c.set_timer(c.end() - 1);
  }
};
// With each n-th record.
template <i64 N, verdict Result>
struct each_nth {
  using state = i64;
  static verdict on_element(auto const& c, rec const&) {
    if (++c.state() < N) return verdict::proceed;
    c.state() = 0;
    return Result;
  }
  static verdict on_timer(auto const&, i64) { return verdict::proceed; }
  static void on_merge(auto const& c, i64 absorbed) { c.state() += absorbed; }
};
struct at_stream_end {
  using state = bool;
  static verdict on_element(auto const& c, rec const&) {
    c.set_timer(naive::max_time - 1);
    return verdict::proceed;
  }
  static verdict on_timer(auto const&, i64) { return verdict::fire; }
  static void on_merge(auto const&, bool) {}
};
struct far_away {
  using state = std::optional<i64>;
  static verdict on_element(auto const& c, rec const& r) {
    if (!c.state()) return c.state() = r.value, verdict::proceed;
    if (std::abs(*c.state() - r.value) <= 4) return verdict::proceed;
    c.state() = r.value;
    return verdict::fire;
  }
  static verdict on_timer(auto const&, i64) { return verdict::proceed; }
  static void on_merge(auto const&, std::optional<i64> const&) {}
};
// Each second record, and at the end.
struct early_and_late {
  using state = i64;
  static verdict on_element(auto const& c, rec const& r) {
    verdict const by_time = at_end::on_element(c, r);
    if (++c.state() < 2) return by_time;
    c.state() = 0;
    return verdict::fire;
  }
  static verdict on_timer(auto const& c, i64 t) { return at_end::on_timer(c, t); }
  static void on_merge(auto const& c, i64 absorbed) {
    c.state() += absorbed;
    at_end::on_merge(c, false);
  }
};

bounds everything(rec const&) { return {{naive::min_time, naive::max_time}}; }
bounds tens(rec const& r) {
  i64 const start = r.ts - naive::floor_mod(r.ts, 100);
  return {{start, start + 100}};
}
weir::tumbling_windows const hundreds{weir::duration{100}};
weir::session_windows const sessions{weir::duration{25}};
bounds own_session(rec const& r) { return {{r.ts, r.ts + 25}}; }

// One case: the oracle's trigger, assigner and whether windows merge; then weir's.
template <class Trigger, class Assign, class... Window>
void check(int seeds, Assign const& assign, bool merging, Window... window) {
  for_each_seed(seeds, [&](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g), late_by = pick<i64>(g, {0, 15, 130});
    CAPTURE(bound, late_by);
    order const o = merging ? order::any : order::arrival;
    naive::triggered<Trigger> w(assign, merging, late_by);
    auto const chain = shown(bound, o, window..., weir::allowed_lateness{weir::duration{late_by}});
    check_windows(data, bound, w, chain, o);
    check_restored(data, chain);
    if (seed % 10 == 0) check_stopped(data, chain, seed);
  });
}

TEST_CASE("cumulative_windows: random streams") {
  for (auto const& [size, step, offset] : {std::tuple<i64, i64, i64>{60, 20, 0}, {90, 9, 13}, {50, 50, -7}})
    check<at_end>(
        8,
        [size = size, step = step, offset = offset](rec const& r) {
          bounds all;
          i64 const start = r.ts - naive::floor_mod(r.ts - offset, size);
          for (i64 end = start + step; end <= start + size; end += step)
            if (end > r.ts) all.push_back({start, end});
          return all;
        },
        false, weir::cumulative_windows{weir::duration{size}, weir::duration{step}, weir::duration{offset}});
}

TEST_CASE("dynamic_session_windows: random streams") {
  check<at_end>(
      20,
      [](rec const& r) {
        return bounds{{r.ts, r.ts + 1 + naive::floor_mod(r.value * 7, 40)}};
      },
      true, weir::dynamic_session_windows{[](rec const& r) {
        return weir::duration{1 + naive::floor_mod(r.value * 7, 40)};
      }});
}

TEST_CASE("global_windows: random streams, to their end and by counts") {
  check<at_stream_end>(10, everything, false, weir::global_windows{}, weir::end_of_stream_trigger{});
  check<each_nth<3, verdict::fire>>(10, everything, false, weir::global_windows{}, weir::count_trigger{3});
  check<at_end>(10, everything, false, weir::global_windows{}, weir::event_time_trigger{});
}

TEST_CASE("count_windows: random streams") {
  check<each_nth<3, verdict::fire_and_purge>>(20, everything, false, weir::count_windows{.count = 3});
}

TEST_CASE("delta_trigger: random streams") {
  check<far_away>(20, tens, false, hundreds, weir::delta_trigger<rec>(4, [](rec const& last, rec const& r) {
                    return std::abs(last.value - r.value);
                  }));
}

TEST_CASE("either_trigger: random streams with early and late results") {
  check<early_and_late>(10, tens, false, hundreds,
                        weir::either_trigger(weir::event_time_trigger{}, weir::count_trigger{2}));
  check<early_and_late>(10, own_session, true, sessions,
                        weir::either_trigger(weir::count_trigger{2}, weir::event_time_trigger{}));
}

// Laws: with one that never fires, or with itself, a trigger does what it does alone; and the order is no matter.
template <class Assigner>
void check_laws(Assigner assigner) {
  for_each_seed(8, [&](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g);
    CAPTURE(bound);
    weir::continuous_event_time_trigger const often{weir::duration{30}};
    weir::count_trigger const counted{3};
    weir::allowed_lateness const late{weir::duration{40}};
    auto const with = [&](auto trigger) {
      return run(data, shown(bound, order::any, assigner, trigger, late), weir::batch_size{3});
    };
    output const alone = with(often);
    auto const same = [](output const& a, output const& b) {
      REQUIRE(difference(a.results, b.results) == "");
      REQUIRE(difference(a.late, b.late) == "");
    };
    same(with(weir::either_trigger(often, weir::never_trigger{})), alone);
    same(with(weir::either_trigger(often, often)), alone);
    same(with(weir::either_trigger(often, counted)), with(weir::either_trigger(counted, often)));
  });
}
TEST_CASE("either_trigger: laws, on windows that merge and on others") {
  check_laws(hundreds);
  check_laws(sessions);
}

}  // namespace assigners_differential_test
