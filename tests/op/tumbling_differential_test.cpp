#include "op/differential.hpp"

using namespace differential;

namespace {

// head(): what comes before key_by.
template <class Head, class... Lateness>
auto run_tumbling(Head const& head, weir::tumbling_windows windows, Lateness... lateness) {
  return [=](weir::batch_size batch) {
    output o;
    auto const p = head() | weir::key_by(&rec::key) |
                   weir::window(windows, weir::late_to<"late">, lateness...) | every_function() |
                   weir::uid<"w"> | late_to(o) | to_result(order::arrival) |
                   weir::into(tape<result>(o.results));
    auto const r = weir::run(p, batch);
    CHECK(r.count("w", "late") == o.late.size());
    return o;
  };
}
weir::tumbling_windows pick_windows(naive::rng& g) {
  i64 const size = pick<i64>(g, {1, 7, 50, 300});
  return {weir::duration{size}, weir::duration{pick_offset(g, size)}};
}
naive::tumbling<rec> oracle(weir::tumbling_windows w, i64 lateness) {
  return {weir::ticks(w.size), weir::ticks(w.offset), lateness, key_of, value_of};
}

}  // namespace

TEST_CASE("tumbling windows give what the oracle gives") {
  for_each_seed(100, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g);
    auto const windows = pick_windows(g);
    with_lateness(g, [&](i64 l, auto... option) {
      CAPTURE(bound, l, sizeof...(option), windows.size, windows.offset);
      naive::bounded<rec> head(time_of, bound);
      auto w = oracle(windows, l);
      head.out.to(w);
      naive::run(data, head);
      auto const source = [&] {
        return weir::from(data) |
               weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}});
      };
      require_equal(expected(w, order::arrival), run_tumbling(source, windows, option...));
    });
  });
}

TEST_CASE("tumbling windows behind an assigner of time in mid-chain") {
  for_each_seed(40, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g);
    auto const windows = pick_windows(g);
    CAPTURE(bound, windows.size, windows.offset);
    naive::stateless<rec> twice([](rec const& r, auto const& emit) {
      if (r.value == 5) return;
      emit(r);
      if (r.value == 3) emit({r.key + 1, r.ts - 5, r.value});
    });
    naive::bounded<rec> head(time_of, bound);
    auto w = oracle(windows, 0);
    twice.out.to(head);
    head.out.to(w);
    naive::source<rec> from(data, twice, head);
    naive::run({&from});
    auto const source = [&] {
      return weir::from(data) | weir::filter([](rec const& r) { return r.value != 5; }) |
             weir::flat_map<rec>([](rec const& r, auto&& emit) {
               emit(r);
               if (r.value == 3) emit(rec{r.key + 1, r.ts - 5, r.value});
             }) |
             weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}});
    };
    require_equal(expected(w, order::arrival), run_tumbling(source, windows));
  });
}

namespace {

// `strategy` makes the watermarks that `head` makes for the oracle.
void with_watermarks(std::uint64_t seed, auto head, auto const& strategy) {
  naive::rng g(seed);
  auto const data = naive::random_stream(seed, 120);
  auto const windows = pick_windows(g);
  CAPTURE(windows.size, windows.offset);
  auto w = oracle(windows, 0);
  head.out.to(w);
  naive::run(data, head);
  auto const source = [&] { return weir::from(data) | weir::assign_timestamps(at_time, strategy); };
  require_equal(expected(w, order::arrival), run_tumbling(source, windows));
}

}  // namespace

TEST_CASE("tumbling windows with monotonous watermarks") {
  for_each_seed(30, [](std::uint64_t seed) {
    with_watermarks(seed, naive::monotonous<rec>(time_of), weir::monotonous_timestamps{});
  });
}

TEST_CASE("tumbling windows with punctuated watermarks") {
  for_each_seed(30, [](std::uint64_t seed) {
    // Some marks are ahead of their own record, which they do not make late.
    auto const mark = [](rec const& r, i64 ts) {
      return r.value % 3 == 0 ? std::optional<i64>(r.value % 2 == 0 ? ts + 12 : ts - 10) : std::nullopt;
    };
    auto const strategy = weir::punctuated([mark](rec const& r, weir::timestamp at) {
      auto const made = mark(r, weir::ticks(at));
      return made ? std::optional(weir::from_ticks(*made)) : std::nullopt;
    });
    with_watermarks(seed, naive::punctuated<rec>(time_of, mark), strategy);
  });
}
